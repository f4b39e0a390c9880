"""`svcfx train vocoder`: a dataset and a vocoder in, a vocoder folder out."""

from pathlib import Path

import needs
import pytest
from training.vits import made
from voices import checkpoints

from svcfx.training.vits.discriminators import VocoderDiscriminators
from svcfx.training.vocoder import trainer

pytestmark = needs.TRAIN

SHORT = ("--batch", 1, "--steps", 1, "--check-every", 1, "-q")


@pytest.fixture(autouse=True)
def small(monkeypatch, home, svcfx):
    monkeypatch.setattr(trainer, "VocoderDiscriminators", lambda narrow: VocoderDiscriminators(128))
    folder = checkpoints.write_vocoder(Path("nsf_hifigan"))
    (folder / "NOTICE.txt").write_text("CC BY-NC-SA 4.0\n")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"), lengths=(34, 36, 33), singers=("mei",))


@pytest.mark.slow
def test_a_voice_is_added_with_the_vocoder_that_was_trained_and_its_terms_are_said(svcfx, dataset):
    checkpoints.write_sovits41(Path("voices/me"))
    checkpoints.write_diffusion(Path("voices/me/diffusion"))
    done = svcfx("train", "vocoder", dataset, "--from", "nsf_hifigan", "-o", "voices/me/vocoder", *SHORT)
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == "voices/me/vocoder"
    assert "stays under its terms: CC BY-NC-SA 4.0" in done.stderr
    assert "as it is: check" in done.stderr
    assert Path("voices/me/vocoder/NOTICE.txt").read_text().startswith("CC BY-NC-SA 4.0")
    added = svcfx("voices", "add", "voices/me", "--name", "me")
    assert added.exit_code == 0, added.output


def test_a_dry_run_measures_and_writes_nothing(svcfx, dataset):
    done = svcfx("train", "vocoder", dataset, "--from", "nsf_hifigan", "-o", "out", *SHORT, "--dry-run")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].startswith("takes    2,")
    assert not Path("out").exists()


@pytest.mark.slow
def test_the_vocoder_that_it_begins_with_is_not_written_over(svcfx, dataset):
    for base in ("nsf_hifigan", "nsf_hifigan/model"):
        done = svcfx("train", "vocoder", dataset, "--from", base, "-o", "nsf_hifigan", *SHORT)
        assert done.exit_code == 2, done.output
        assert "would be written over" in done.stderr


@pytest.mark.parametrize(
    ("changed", "said"), [(("--rate", "nan"), "rate is nan"), (("--clip", 0), "clip is 0")]
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(svcfx, dataset, changed, said):
    done = svcfx("train", "vocoder", dataset, "--from", "nsf_hifigan", "-o", "out", *SHORT, *changed)
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_a_folder_that_is_no_vocoder_or_no_dataset_is_refused(svcfx, dataset, tmp_path):
    done = svcfx("train", "vocoder", dataset, "--from", tmp_path, "-o", "out", *SHORT)
    assert done.exit_code == 2, done.output
    done = svcfx("train", "vocoder", tmp_path, "--from", "nsf_hifigan", "-o", "out", *SHORT)
    assert done.exit_code == 2, done.output
    assert "svcfx train prepare" in done.stderr
