"""`svcfx train run`: a dataset in, a voice on the shelf out."""

import sys
from pathlib import Path

import needs
import pytest
from training.prepare.sung import melody, write
from training.vits import made
from voices import checkpoints

from svcfx.training.vits import recipe
from svcfx.voices import encoder

pytestmark = needs.TRAIN

SHORT = ("--family", "sovits40", "--size", "small", "--batch", 2, "--steps", 2, "--check-every", 1, "-q")


@pytest.fixture(autouse=True)
def small(monkeypatch, home):
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"))


@pytest.mark.slow
def test_a_trained_voice_is_on_the_shelf_with_its_consent(svcfx, dataset):
    done = svcfx("train", "run", dataset, "-o", "voices/me", *SHORT)
    assert (done.exit_code, done.stdout) == (0, "me\n"), done.output
    assert "svcfx convert vocal.wav --voice" in done.stderr
    for singer in ("me/mei", "me/ana"):
        assert "made up" in svcfx("voices", "show", singer).stdout


@pytest.mark.slow
def test_the_same_command_goes_on_and_replaces_its_own_voice_only(svcfx, dataset, refused):
    svcfx("train", "run", dataset, "-o", "voices/me", *SHORT)
    longer = [3 if part == 2 and SHORT[at - 1] == "--steps" else part for at, part in enumerate(SHORT)]
    again = svcfx("train", "run", dataset, "-o", "voices/me", *longer)
    assert again.exit_code == 0, again.output
    assert "going on from step 2" in again.stderr
    other = svcfx("train", "run", dataset, "-o", "elsewhere/me", *SHORT)
    assert other.exit_code == 2
    assert "there is a voice 'me' already" in other.stderr
    assert not Path("elsewhere").exists()


def test_a_dry_run_measures_and_writes_nothing(svcfx, dataset):
    done = svcfx("train", "run", dataset, "-o", "voices/me", *SHORT, "--dry-run")
    assert done.exit_code == 0, done.output
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert list(lines) == ["takes", "network", "steps", "time", "memory", "disk"]
    assert lines["takes"].startswith("4, ")
    assert not Path("voices").exists()


@pytest.mark.slow
def test_a_training_begins_with_another_voice(svcfx, dataset):
    svcfx("train", "run", dataset, "-o", "voices/first", *SHORT)
    for base in ("voices/first", "first"):
        name = base.replace("/", "-")
        done = svcfx("train", "run", dataset, "-o", f"voices/{name}-2", "--from", base, *SHORT)
        assert done.exit_code == 0, done.output
        assert "tensors are from" in done.stderr
    fits_not = svcfx("train", "run", dataset, "-o", "voices/third", "--from", "vela", *SHORT)
    assert fits_not.exit_code == 2, fits_not.output


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--family", "fork"), ""),
        (("--family", "sovits41", "--volume"), ""),
        (("--rate", "nan"), "rate is nan"),
        (("--volume",), "sovits41's"),
        (("--from", "nobody"), "nobody"),
    ],
)
def test_settings_are_taken_or_refused_in_a_sentence(svcfx, dataset, changed, said):
    done = svcfx("train", "run", dataset, "-o", "voices/me", *SHORT, *changed)
    assert done.exit_code == (2 if said else 0), done.output
    assert said in done.stderr


def test_an_empty_folder_says_how_to_make_a_dataset(svcfx, tmp_path):
    done = svcfx("train", "run", tmp_path, "-o", "voices/me")
    assert done.exit_code == 2
    assert "svcfx train prepare" in done.stderr


@pytest.mark.slow
def test_three_commands_lead_from_recordings_to_a_vocal_that_the_voice_sings(svcfx, tmp_path):
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
    for seed in (1, 2):
        write(tmp_path / f"takes/{seed}.wav", melody(5.0, seed=seed))
    prepared = svcfx(
        "train", "prepare", tmp_path / "takes", "--singer", "me", "--encoder", "vec256l9", "--jobs", 1
    )
    assert prepared.exit_code == 0, prepared.output
    trained = svcfx("train", "run", "dataset", "-o", "voices/me", *SHORT)
    assert trained.exit_code == 0, trained.output
    sung = svcfx("convert", tmp_path / "takes/1.wav", "--voice", "me", "-o", "out.wav", "--quiet")
    assert sung.exit_code == 0, sung.output
    assert Path("out.wav").exists()


def test_help_loads_no_torch(svcfx):
    import subprocess

    code = (
        "import sys\nfrom svcfx.cli.main import main\n"
        "for words in (['train', '--help'], ['train', 'run', '--help']):\n"
        "    try:\n        main(words)\n    except SystemExit:\n        pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
