"""A tuned voice comes nearer to its recordings, keeps the encoder, and goes on where it was stopped."""

import dataclasses

import needs
import numpy as np
import pytest
import torch
from training.diffusion.small import digest
from training.tuning import made

from svcfx.chain.parametric import network
from svcfx.errors import ParamError, TrainingError
from svcfx.training import checkpoints
from svcfx.training.history import rows
from svcfx.training.plan import TrainingPlan

pytest.importorskip("pyworld", reason="the extra train is not installed")
from svcfx.training.engine import engine
from svcfx.training.tuning.recipe import TuningRecipe
from svcfx.training.tuning.trainer import WEIGHTS, TuningTrainer
from svcfx.voices import shelf

pytestmark = [pytest.mark.slow, needs.TRAIN]

SHORT = TuningRecipe(steps=4, batch=2, seconds=0.6, warmup=1, rate=1e-3)
PLAN = TrainingPlan(steps=4, check_every=2, report_every=1, keep=2, patience=0)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"))


@pytest.fixture
def base(synthetic_voice):
    return network.load(shelf.find(synthetic_voice).path)


def test_a_tuned_voice_keeps_the_index_of_its_base(dataset, tmp_path, base):
    index = torch.zeros(2, base.config.content)
    assert trainer(dataset, tmp_path, dataclasses.replace(base, index=index)).voice().index is index


def trainer(dataset, out, base, recipe=SHORT):
    return TuningTrainer(dataset, out, recipe, engine(accelerator="cpu"), base, "a hash")


def test_a_run_that_was_stopped_comes_to_the_same_bytes(dataset, tmp_path, base):
    trainer(dataset, tmp_path / "whole", base).run(PLAN)

    def stop(told):
        if told.step == 3:  # whose state was not kept
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer(dataset, tmp_path / "parts", base).run(PLAN, stop)
    again = trainer(dataset, tmp_path / "parts", base)
    assert again.step == 2
    again.run(PLAN)
    whole, parts = (tmp_path / name for name in ("whole", "parts"))
    assert digest(checkpoints.last(whole)) == digest(checkpoints.last(parts))
    assert (whole / WEIGHTS).read_bytes() == (parts / WEIGHTS).read_bytes()
    assert [row["envelope"] for row in rows(whole)] == [row["envelope"] for row in rows(parts)]
    assert len(list((parts / "previews").glob("*.wav"))) == 2


def test_a_voice_comes_nearer_to_takes_that_were_held_back(dataset, tmp_path, base):
    recipe = TuningRecipe(steps=40, batch=3, seconds=0.6, warmup=5, rate=3e-3, average=0.9)
    run = trainer(dataset, tmp_path, base, recipe)
    before = run.distance()
    run.run(TrainingPlan(steps=40, check_every=40, patience=0))
    assert run.best.score < 0.7 * before
    kept = network.load(tmp_path / WEIGHTS)
    assert list(kept.singers) == ["mei"]
    begun, now = base.encoder.state_dict(), kept.encoder.state_dict()
    assert all(torch.equal(begun[name], now[name]) for name in begun)
    assert not torch.equal(base.decoder.outward.weight, kept.decoder.outward.weight)
    assert set(base.singers) == {"tess", "tom"}


def test_a_singer_of_the_bases_name_begins_as_that_singer(tmp_path, base):
    folder = made.dataset(tmp_path / "dataset", singers=("tess", "mei"))
    own = trainer(folder, tmp_path / "out", base).voice().singers
    torch.testing.assert_close(own["tess"], base.singers["tess"])
    torch.testing.assert_close(own["mei"], (base.singers["tess"] + base.singers["tom"]) / 2)


def test_another_base_is_not_gone_on_with(dataset, tmp_path, base):
    trainer(dataset, tmp_path, base).run(TrainingPlan(steps=1, check_every=1))
    with pytest.raises(TrainingError, match="with other settings: base a hash, now another"):
        TuningTrainer(dataset, tmp_path, SHORT, engine(accelerator="cpu"), base, "another")


def test_settings_out_of_range_are_refused(dataset, tmp_path, base):
    with pytest.raises(ParamError, match="rate is nan"):
        trainer(dataset, tmp_path, base, TuningRecipe(rate=np.nan))


def test_a_finished_training_goes_on_with_more_steps(dataset, tmp_path, base):
    trainer(dataset, tmp_path, base).run(PLAN)
    more = trainer(dataset, tmp_path, base, dataclasses.replace(SHORT, steps=6))
    assert more.step == 4
    assert more.rate(4) > trainer(dataset, tmp_path / "other", base).rate(4)
    more.run(dataclasses.replace(PLAN, steps=6))
    assert checkpoints.last(tmp_path)["step"] == 6
    assert trainer(dataset, tmp_path, base, dataclasses.replace(SHORT, steps=8)).step == 6


def test_what_may_not_change_is_named_and_what_may_too(dataset, tmp_path, base):
    trainer(dataset, tmp_path, base).run(TrainingPlan(steps=1, check_every=1))
    other = dataclasses.replace(SHORT, steps=9, batch=3, seed=7)
    with pytest.raises(TrainingError, match="with other settings: batch 2, now 3, seed 1234, now 7") as error:
        trainer(dataset, tmp_path, base, other)
    assert "Only steps may change." in error.value.hint
