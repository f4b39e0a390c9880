"""A parametric voice of somebody's own, as it is typed: recordings in, a voice that streams and sings out."""

from pathlib import Path

import needs
import numpy as np
import pytest

pytest.importorskip("pyworld", reason="the extra train is not installed")
from training.prepare.sung import melody, write
from training.tuning import made
from training.vits import made as vits

import svcfx as library
from svcfx.training.tuning import request
from svcfx.voices import shelf

pytestmark = needs.TRAIN

RATE = 44_100
SHORT = ("--family", "parametric", "--batch", 2, "--steps", 2, "--check-every", 1, "-q")


@pytest.fixture(autouse=True)
def small(monkeypatch, synthetic_voice, home):
    """The voice that is begun with is the small made-up one."""
    monkeypatch.setattr(request, "BASE", synthetic_voice)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"))


@pytest.mark.slow
def test_three_commands_lead_from_recordings_to_a_voice_that_sings_and_streams(svcfx, tmp_path):
    for seed in (1, 2):
        write(tmp_path / f"takes/{seed}.wav", melody(5.0, seed=seed))
    told = ("--family", "parametric", "--singer", "me", "--consent", "myself", "--jobs", 1)
    prepared = svcfx("train", "prepare", tmp_path / "takes", *told)
    assert prepared.exit_code == 0, prepared.output
    trained = svcfx("train", "run", "dataset", "-o", "voices/me", *SHORT)
    assert (trained.exit_code, trained.stdout) == (0, "me\n"), trained.output
    card = shelf.find("me")
    assert (card.family, card.consent) == ("parametric", "myself")
    assert card.licence.startswith("made from voice 'made-up', whose terms are: ")
    assert card.singers["me"].low_hz < 220.0 < card.singers["me"].high_hz
    node = library.VoiceConversion(voice="me", formant_semitones=1.0)
    sound = melody(1.0)[None]
    blocks = [node(sound[:, at : at + 4410], RATE, reset=False) for at in range(0, RATE, 4410)]
    blocks.append(node.flush())
    assert np.abs(np.concatenate(blocks, axis=1)).max() > 1e-3


@pytest.mark.slow
def test_the_same_command_goes_on_and_replaces_its_own_voice_only(svcfx, dataset):
    svcfx("train", "run", dataset, "-o", "voices/me", *SHORT)
    again = svcfx("train", "run", dataset, "-o", "voices/me", *SHORT)
    assert again.exit_code == 0, again.output
    assert "going on from step 2" in again.stderr
    other = svcfx("train", "run", dataset, "-o", "elsewhere/me", *SHORT)
    assert other.exit_code == 2
    assert "there is a voice 'me' already" in other.stderr
    assert not Path("elsewhere").exists()
    further = svcfx("train", "run", dataset, "-o", "voices/me2", "--from", "me", *SHORT)
    assert further.exit_code == 0, further.output
    assert "nets of voice me " in shelf.find("me2").source


def test_a_dry_run_measures_and_writes_nothing(svcfx, dataset):
    done = svcfx("train", "run", dataset, "-o", "voices/me", *SHORT, "--dry-run")
    assert done.exit_code == 0, done.output
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert list(lines) == ["takes", "network", "steps", "time", "memory", "disk"]
    assert not Path("voices").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--size", "small"), "--size says nothing to --family parametric"),
        (("--volume",), "--volume says nothing to --family parametric"),
        (("--no-auto-f0",), "--auto-f0 says nothing to --family parametric"),
        (("--from", "nobody"), "no voice is called 'nobody'"),
        (("--rate", "nan"), "rate is nan"),
    ],
)
def test_what_does_not_apply_is_refused_in_a_sentence(refused, dataset, given, said):
    assert said in refused("train", "run", dataset, "-o", "voices/me", *SHORT, *given)
    assert not Path("voices").exists()


def test_other_voices_and_datasets_are_refused_in_a_sentence(svcfx, refused, dataset, tmp_path, monkeypatch):
    other = vits.dataset(tmp_path / "other")
    said = refused("train", "run", other, "-o", "voices/me", *SHORT)
    assert said == f"'{other}' holds 'vec256l9' content, a parametric voice has 'builtin'"
    monkeypatch.setattr(vits.recipe, "_SMALL", vits.TINY)
    monkeypatch.setattr(vits.recipe, "_NARROW", {"full": 1, "small": 128})
    sovits = ("--family", "sovits40", "--size", "small", "--batch", 2, "--steps", 1, "-q")
    assert svcfx("train", "run", other, "-o", "voices/so", *sovits).exit_code == 0
    said = refused("train", "run", dataset, "-o", "voices/me", "--from", "so", *SHORT)
    assert said == "voice 'so' is of family sovits40, and a parametric voice begins with a parametric one"


def test_a_parametric_voice_reads_its_own_content_only(refused, tmp_path):
    write(tmp_path / "takes/one.wav", melody(5.0))
    said = refused("train", "prepare", tmp_path / "takes", "--family", "parametric", "--encoder", "vec256l9")
    assert said == "encoder is 'vec256l9', and a parametric voice reads 'builtin'"
