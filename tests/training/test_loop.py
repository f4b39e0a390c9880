"""Any training: stops and goes on to the same bytes, keeps what it should, and says what went wrong.

Shown by a diffusion model, the smallest there is.
"""

import math
from dataclasses import replace

import needs
import pytest
import torch
from training.diffusion.small import SMALL, TINY, digest
from training.vits import made

from svcfx.errors import Cancelled, OutputError, TrainingError
from svcfx.training import checkpoints
from svcfx.training.diffusion import recipe
from svcfx.training.diffusion.trainer import DiffusionTrainer
from svcfx.training.engine import engine
from svcfx.training.history import rows
from svcfx.training.plan import TrainingPlan

pytestmark = [pytest.mark.slow, needs.TRAIN]

PLAN = TrainingPlan(steps=4, check_every=2, report_every=1, keep=2, patience=0)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(recipe._NETS, "small", TINY)
    torch.set_num_threads(1)


def trainer(dataset, out, settings=SMALL, precision="fp32"):
    return DiffusionTrainer(dataset, out, settings, engine(accelerator="cpu", precision=precision))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_run_that_was_stopped_comes_to_the_same_bytes(dataset, tmp_path, precision):
    trainer(dataset, tmp_path / "whole", precision=precision).run(PLAN)
    first = trainer(dataset, tmp_path / "parts", precision=precision)

    def stop(told):
        if told.step == 3:  # whose state was not kept
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.run(PLAN, stop)
    second = trainer(dataset, tmp_path / "parts", precision=precision)
    assert second.step == 2
    second.run(PLAN)
    whole, parts = (checkpoints.last(tmp_path / name) for name in ("whole", "parts"))
    assert whole["step"] == 4
    assert digest(whole) == digest(parts)
    assert [row["noise"] for row in rows(tmp_path / "whole")] == [
        row["noise"] for row in rows(tmp_path / "parts")
    ]
    files = [sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("whole", "parts")]
    assert files[0] == files[1]


def test_a_run_that_is_asked_to_stop_keeps_the_state_of_that_step(dataset, tmp_path):
    trainer(dataset, tmp_path / "whole").run(PLAN)
    first = trainer(dataset, tmp_path / "parts")
    with pytest.raises(Cancelled, match="stopped at step 3"):
        first.run(PLAN, is_cancelled=lambda: first.step == 3)
    second = trainer(dataset, tmp_path / "parts")
    assert second.step == 3
    second.run(PLAN)
    whole, parts = (checkpoints.last(tmp_path / name) for name in ("whole", "parts"))
    assert digest(whole) == digest(parts)


def test_the_last_states_and_the_best_are_kept(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.run(replace(PLAN, steps=1, check_every=1))
    run.best.score = -1.0  # nothing can be better than step 1
    run.run(replace(PLAN, steps=4, check_every=1))
    assert checkpoints.steps(tmp_path) == [1, 3, 4]
    assert [path.name for path in tmp_path.glob("model_*.pt")] == ["model_1.pt"]


def test_a_run_ends_when_nothing_gets_better(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.best.score = -1.0
    notes = []
    run.run(replace(PLAN, steps=50, check_every=1, patience=2), lambda told: notes.append(told.note))
    assert run.step == 2
    assert "no better check" in notes[-1]


def test_a_run_that_ended_for_want_of_patience_goes_on_when_it_is_asked_again(dataset, tmp_path):
    plan = replace(PLAN, steps=50, check_every=1, patience=2)
    run = trainer(dataset, tmp_path)
    run.best.score = -1.0
    run.run(plan)
    again = trainer(dataset, tmp_path)
    assert (again.step, again.best.stale) == (2, 2)
    again.run(plan)
    assert again.step == 4


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_good_state(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.run(replace(PLAN, steps=2))
    before = (tmp_path / "states/state-00000002.pt").read_bytes()
    with torch.no_grad():
        run.network.denoiser.input_projection.weight[0, 0, 0] = math.nan
    with pytest.raises(
        TrainingError, match=r"at step 3 the loss noise .* the state of step 2 is kept"
    ) as error:
        run.run(PLAN)
    assert "`precision` fp32" in error.value.hint
    assert (tmp_path / "states/state-00000002.pt").read_bytes() == before
    assert checkpoints.steps(tmp_path) == [2]


def test_weights_that_are_no_numbers_are_never_kept(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    with torch.no_grad():
        run.network.conditioning.aug_shift_embed.weight[0] = math.inf
    with pytest.raises(TrainingError, match="nothing was kept yet"):
        run.run(replace(PLAN, report_every=100))
    assert not list(tmp_path.glob("model_*.pt"))


def test_a_check_that_is_no_number_keeps_nothing(dataset, tmp_path, monkeypatch):
    run = trainer(dataset, tmp_path)
    monkeypatch.setattr(run, "distance", lambda: math.nan)
    with pytest.raises(TrainingError, match="the check is no number"):
        run.run(PLAN)
    assert checkpoints.steps(tmp_path) == []


def test_a_training_goes_on_with_its_own_settings_only(dataset, tmp_path):
    trainer(dataset, tmp_path).run(replace(PLAN, steps=1, check_every=1))
    with pytest.raises(TrainingError, match="with other settings: batch 4, now 1"):
        trainer(dataset, tmp_path, replace(SMALL, batch=1))
    other = made.dataset(tmp_path / "other", lengths=(24, 31, 25))
    with pytest.raises(TrainingError, match="with other settings: dataset "):
        trainer(other, tmp_path)


def test_a_folder_of_another_kind_of_training_is_refused(dataset, tmp_path):
    checkpoints.write({"step": 1, "recipe": {}}, tmp_path, keep=1, best=1)
    with pytest.raises(TrainingError, match="a training of another kind") as error:
        trainer(dataset, tmp_path)
    assert "`out`" in error.value.hint


def test_a_full_disk_leaves_the_last_state_and_model_whole(dataset, tmp_path, monkeypatch):
    run = trainer(dataset, tmp_path)
    run.run(replace(PLAN, steps=2))
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*.*t*") if path.is_file()}

    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match="no space left"):
        run.run(PLAN)
    for path, before in kept.items():
        assert path.read_bytes() == before, path
    assert not list(tmp_path.glob(".new-*"))
