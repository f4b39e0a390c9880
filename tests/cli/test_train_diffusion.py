"""`svcfx train diffusion`: a dataset in, a folder out that a voice is added with."""

import subprocess
import sys
from pathlib import Path

import needs
import pytest
from training.diffusion.small import TINY
from training.vits import made
from voices import checkpoints

from svcfx.training.diffusion import recipe

pytestmark = needs.TRAIN

SHORT = ("--size", "small", "--batch", 2, "--steps", 2, "--check-every", 1, "-q")


@pytest.fixture(autouse=True)
def small(monkeypatch, home):
    monkeypatch.setitem(recipe._NETS, "small", TINY)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"), lengths=(180, 175, 100, 190), singers=("mei",))


@pytest.mark.slow
def test_a_voice_is_added_with_the_model_that_was_trained(svcfx, dataset):
    checkpoints.write_sovits41(Path("voices/me"))
    checkpoints.write_vocoder(Path("nsf_hifigan"))
    done = svcfx("train", "diffusion", dataset, "-o", "voices/me/diffusion", "--k-step-max", 200, *SHORT)
    assert done.exit_code == 0, done.output
    assert Path(done.stdout.strip()).parent == Path("voices/me/diffusion")
    added = svcfx("voices", "add", "voices/me", "--name", "me", "--vocoder", "nsf_hifigan")
    assert added.exit_code == 0, added.output
    again = svcfx("train", "diffusion", dataset, "-o", "voices/me/diffusion", "--k-step-max", 200, *SHORT)
    assert "going on from step 2" in again.stderr


@pytest.mark.slow
def test_a_model_begins_with_another(svcfx, dataset):
    first = svcfx("train", "diffusion", dataset, "-o", "first", *SHORT)
    base = first.stdout.strip()
    done = svcfx("train", "diffusion", dataset, "-o", "second", "--from", base, *SHORT)
    assert done.exit_code == 0, done.output
    assert "tensors are from 'model_" in done.stderr
    other = checkpoints.write_diffusion(Path("other")) / "model_5000.pt"
    refused = svcfx("train", "diffusion", dataset, "-o", "third", "--from", other, *SHORT)
    assert refused.exit_code == 1, refused.output
    assert "of 'model_5000.pt' fit" in refused.stderr
    generator = checkpoints.write_sovits40(Path("voice")) / "G_100.pth"
    refused = svcfx("train", "diffusion", dataset, "-o", "third", "--from", generator, *SHORT)
    assert refused.exit_code in (1, 2), refused.output
    assert "Traceback" not in refused.stderr


def test_a_dry_run_measures_and_writes_nothing(svcfx, dataset):
    done = svcfx("train", "diffusion", dataset, "-o", "out", *SHORT, "--dry-run")
    assert done.exit_code == 0, done.output
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert list(lines) == ["takes", "network", "steps", "time", "memory", "disk"]
    assert "1 of 3 takes are shorter than a crop and left out" in done.stderr
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--rate", "nan"), "rate is nan"),
        (("--rate", 0), "rate is 0"),
        (("--k-step-max", 1001), "1001"),
        (("--from", "nobody.pt"), "nobody.pt"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(svcfx, dataset, changed, said):
    done = svcfx("train", "diffusion", dataset, "-o", "out", *SHORT, *changed)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not Path("out").exists()


def test_an_empty_folder_says_how_to_make_a_dataset(svcfx, tmp_path):
    done = svcfx("train", "diffusion", tmp_path, "-o", "out")
    assert done.exit_code == 2
    assert "svcfx train prepare" in done.stderr


@pytest.mark.parametrize("command", ["diffusion", "vocoder"])
def test_help_loads_no_torch(command):
    code = (
        "import sys\nfrom svcfx.cli.main import main\n"
        f"try:\n    main(['train', '{command}', '--help'])\nexcept SystemExit:\n    pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
