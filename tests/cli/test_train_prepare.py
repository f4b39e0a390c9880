"""`svcfx train prepare` as it is typed."""

from pathlib import Path

import numpy as np
import pytest
from training.prepare.sung import melody, with_noise, write
from voices import checkpoints

from svcfx.voices import encoder

SMALL = ("--encoder", "vec256l9", "--jobs", 1)


@pytest.fixture
def takes(tmp_path, home):
    """Two takes of a singer, and an encoder to hear them with."""
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
    write(tmp_path / "takes/one.wav", melody(5.0, seed=1))
    write(tmp_path / "takes/two.wav", melody(5.0, seed=2))
    return tmp_path / "takes"


def test_a_dataset_is_made_told_and_drawn(svcfx, takes):
    write(takes / "noisy.wav", with_noise(melody(3.0, seed=4), 3.0))
    done = svcfx("train", "prepare", takes, "--singer", "mei", "-o", "mine", *SMALL)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["SINGER", "PIECES", "MINUTES", "RANGE", "SNR"]
    assert lines[1].startswith("mei     2")
    assert any("noisy.wav" in line and "above the noise" in line for line in lines)
    assert lines[-2:] == ["mine/dataset.toml", "mine/report.html"]
    assert "Note: 'mei' has 0.2 minutes" in done.stderr
    assert "set aside" in Path("mine/report.html").read_text()


def test_a_broken_recording_fails_and_the_others_are_prepared(svcfx, takes):
    (takes / "broken.wav").write_bytes((takes / "one.wav").read_bytes()[:20_000])
    done = svcfx("train", "prepare", takes, *SMALL, "--quiet")
    assert done.exit_code == 3
    assert (
        "Error: one recording could not be read, the others are there; broken.wav: it is truncated"
        in done.stderr
    )
    assert "dataset/dataset.toml" in done.stdout


def test_a_dry_run_writes_nothing(svcfx, takes, tmp_path):
    done = svcfx("train", "prepare", takes, "--dry-run", "--jobs", 1)
    assert done.exit_code == 0, done.output
    assert "takes   2" in done.stdout
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--encoder", "vec768l9"], "content encoder is 'vec768l9' (did you mean 'vec768l12'?)"),
        (["--alter", "speed,echo"], "no alteration is called 'echo'"),
        (["--singer", "a/b"], "'a/b' cannot be a voice's name"),
        (["--alter", "noise", "--noise-snr", "200"], "outside 0 to 80 dB"),
        (["--min-snr", "nan"], "min_snr is nan"),
    ],
)
def test_what_cannot_be_chosen_is_refused(refused, takes, options, words):
    assert words in refused("train", "prepare", takes, *options)


def test_weights_of_a_tracker_that_are_not_here_are_asked_for(refused, takes):
    words = refused("train", "prepare", takes, "--pitch", "rmvpe", code=1)
    assert "pitch rmvpe needs weights that are not here yet" in words


def test_folders_that_hold_nothing_are_refused(refused, tmp_path, takes):
    (tmp_path / "empty").mkdir()
    assert "holds no recording, it is empty" in refused("train", "prepare", tmp_path / "empty")
    assert "does not exist" in refused("train", "prepare", tmp_path / "emty")


def test_silence_alone_is_refused_with_its_reason(svcfx, tmp_path, takes):
    write(tmp_path / "silent/a.wav", np.zeros(44_100, np.float32))
    done = svcfx("train", "prepare", tmp_path / "silent", *SMALL)
    assert done.exit_code == 2
    assert "'a.wav': there is nothing to hear in it" in done.stderr


def test_the_dataset_of_so_vits_svc_is_read_as_it_is(svcfx, tmp_path, takes):
    top = tmp_path / "dataset/44k"
    for singer, seed in (("alto", 1), ("bass", 2)):
        write(top / singer / "x_0.000_4.000.wav", melody(4.0, seed=seed))
        (top / singer / "x_0.000_4.000.wav.soft.pt").write_bytes(b"cached")
    done = svcfx("train", "prepare", top, "--encoder", "vec256l9", "-o", "out", "--jobs", 1)
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:3]] == [["alto", "1"], ["bass", "1"]]
    assert "files that are no recordings were not read (2 .pt)" in done.stderr
