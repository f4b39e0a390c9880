"""A vocoder that is trained further begins as it was, gets nearer to its takes, and keeps its terms."""

from dataclasses import replace

import needs
import numpy as np
import pytest
import torch
from training.diffusion.small import digest
from voices import checkpoints

from svcfx.audio import read
from svcfx.chain.checkpoint import open_vocoder
from svcfx.errors import DatasetError
from svcfx.training import checkpoints as states
from svcfx.training import index as indexes
from svcfx.training.engine import engine
from svcfx.training.history import rows
from svcfx.training.plan import TrainingPlan
from svcfx.training.vocoder.recipe import VocoderRecipe
from svcfx.training.vocoder.trainer import VocoderTrainer, apart, whole

pytestmark = [pytest.mark.slow, needs.TRAIN]

SMALL = VocoderRecipe(batch=2, frames=8, rate=2e-3, average=0.9, narrow=128)
PLAN = TrainingPlan(steps=2, check_every=1, report_every=1, patience=0)
TERMS = "Creative Commons BY-NC-SA 4.0"


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = checkpoints.write_vocoder(tmp_path_factory.mktemp("base") / "nsf_hifigan")
    (folder / "NOTICE.txt").write_text(TERMS + "\n")
    return folder


def trainer(dataset, out, base, settings=SMALL):
    return VocoderTrainer(dataset, out, open_vocoder(base), settings, engine(accelerator="cpu"))


def test_a_network_that_learns_begins_as_the_vocoder_it_is_of(base):
    opened = open_vocoder(base)
    mel, f0_hz = torch.randn(1, 128, 6) - 5, torch.full((1, 6), 220.0)
    with torch.no_grad():
        network = apart(opened.network)
        wanted = opened.network(mel, f0_hz)
        torch.testing.assert_close(network(mel, f0_hz), wanted, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(whole(network)(mel, f0_hz), wanted, atol=1e-5, rtol=1e-4)
    assert list(whole(network).state_dict()) == list(opened.network.state_dict())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_what_is_written_opens_as_what_was_trained_and_stays_under_its_terms(dataset, base, tmp_path):
    run = trainer(dataset, tmp_path / "mine", base)
    run.best.score = 1e9
    run.run(replace(PLAN, check_every=2))
    opened = open_vocoder(tmp_path / "mine")
    mel, f0_hz = torch.randn(1, 128, 6) - 5, torch.full((1, 6), 220.0)
    with torch.no_grad():
        ours = run.average.network(mel, f0_hz)
        torch.testing.assert_close(opened.network(mel, f0_hz), ours, atol=1e-5, rtol=1e-4)
    assert opened.mel == open_vocoder(base).mel
    assert opened.licence.startswith(TERMS)
    assert "from vocoder 'nsf_hifigan', whose terms hold" in opened.licence
    again = trainer(dataset, tmp_path / "again", tmp_path / "mine")
    assert again.licence.startswith(TERMS)
    stored = torch.load(tmp_path / "mine/model", weights_only=True)["generator"]
    pairs = {f"{layer}.weight_{part}" for layer in ("conv_pre", "ups.0", "conv_post") for part in "gv"}
    assert pairs < set(stored)
    phrase = read(tmp_path / "mine/previews/step-00000002.wav")
    assert np.isfinite(phrase.samples).all()


def test_a_vocoder_gets_nearer_to_the_takes(dataset, base, tmp_path):
    """Seen: from 2.5 to 0.5 nepers of mel, with made-up weights to begin with."""
    run = trainer(dataset, tmp_path, base)
    before = run.distance()
    run.run(replace(PLAN, steps=40, check_every=40))
    mel = [float(row["mel"]) for row in rows(tmp_path)]
    assert np.mean(mel[-10:]) < 0.8 * np.mean(mel[:10])
    assert run.best.score < 0.8 * before


def test_a_run_that_was_stopped_comes_to_the_same_bytes(dataset, base, tmp_path):
    trainer(dataset, tmp_path / "whole", base).run(PLAN)
    trainer(dataset, tmp_path / "parts", base).run(replace(PLAN, steps=1))
    second = trainer(dataset, tmp_path / "parts", base)
    assert second.step == 1
    second.run(PLAN)
    whole, parts = (states.last(tmp_path / name) for name in ("whole", "parts"))
    assert digest(whole) == digest(parts)


def test_a_dataset_of_another_rate_is_refused(dataset, base, tmp_path):
    indexes.write(replace(indexes.read(dataset), sample_rate=48000), tmp_path)
    with pytest.raises(DatasetError, match="rate is 48000 Hz, that of vocoder 'nsf_hifigan' 44100 Hz"):
        trainer(tmp_path, tmp_path / "out", base)
