"""A run: it learns, stops and goes on to the same bytes, keeps what it should, and says what went wrong."""

import hashlib
import math
from dataclasses import replace

import needs
import numpy as np
import pytest
import torch
from training.vits import made

from svcfx.chain.checkpoint import open_generator
from svcfx.errors import DatasetError, OutputError, TrainingError
from svcfx.training import checkpoints
from svcfx.training import index as indexes
from svcfx.training.engine import engine
from svcfx.training.history import rows
from svcfx.training.plan import TrainingPlan
from svcfx.training.vits import recipe, warm_start
from svcfx.training.vits.base import open_base
from svcfx.training.vits.trainer import VitsTrainer

pytestmark = [pytest.mark.slow, needs.TRAIN]

PLAN = TrainingPlan(steps=4, check_every=2, report_every=1, keep=2, patience=0)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    torch.set_num_threads(1)


def trainer(dataset, out, settings=made.SMALL, **on):
    return VitsTrainer(dataset, out, settings, engine(accelerator="cpu", **on))


def digest(path):
    state = checkpoints.read(path)
    found = hashlib.sha256()
    _feed(found, {key: state[key] for key in sorted(state)})
    return found.hexdigest()


def _feed(found, value):
    if isinstance(value, torch.Tensor):
        found.update(value.contiguous().numpy().tobytes())
    elif isinstance(value, dict):
        for key, one in value.items():
            found.update(str(key).encode())
            _feed(found, one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _feed(found, one)
    else:
        found.update(repr(value).encode())


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_run_that_was_stopped_comes_to_the_same_bytes(dataset, tmp_path, precision):
    trainer(dataset, tmp_path / "whole", precision=precision).run(PLAN)
    first = trainer(dataset, tmp_path / "parts", precision=precision)
    stopped = iter(range(3))

    def stop(_told):
        if next(stopped) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.run(PLAN, stop)  # after step 3, whose state was not kept
    second = trainer(dataset, tmp_path / "parts", precision=precision)
    assert second.step == 2
    second.run(PLAN)
    whole, parts = (tmp_path / name / "states/state-00000004.pt" for name in ("whole", "parts"))
    assert digest(whole) == digest(parts)
    assert [row["mel"] for row in rows(tmp_path / "whole")] == [
        row["mel"] for row in rows(tmp_path / "parts")
    ]


def test_what_is_written_is_a_voice_that_opens_and_sounds_as_in_training(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.run(PLAN)
    opened = open_generator(run.voice, tmp_path / "config.json")
    assert dict(opened.singers) == {"mei": 0, "ana": 1}
    assert (opened.content_encoder, opened.family) == ("vec256l9", "so-vits-svc 4.0")
    stored = torch.load(run.voice, weights_only=True)
    assert set(stored) == {"model", "iteration", "optimizer", "learning_rate"}
    assert list(stored["model"]) == list(run.learner.generator.state_dict())


def test_the_discriminators_lie_beside_the_voice_and_a_training_begins_with_both(dataset, tmp_path):
    first = trainer(dataset, tmp_path)
    first.run(replace(PLAN, keep=1))
    path = first.voice
    kept = path.with_name(path.name.replace("G_", "D_"))
    assert sorted(tmp_path.glob("*.pth")) == sorted((path, kept))
    stored = torch.load(kept, weights_only=True)
    assert set(stored) == {"model", "iteration", "optimizer", "learning_rate"}
    discriminators = checkpoints.read(tmp_path / f"states/state-{first.best.step:08d}.pt")["networks"][
        "critics"
    ]
    assert list(stored["model"]) == list(discriminators)
    base = open_base(str(tmp_path), print)
    assert base.discriminators is not None
    second = trainer(dataset, tmp_path / "second").learner.discriminators
    taken = warm_start.begin(second, base.discriminators, base.name)
    assert taken.tensors == taken.of == len(discriminators)
    assert all(torch.equal(tensor, discriminators[key]) for key, tensor in second.state_dict().items())


def test_the_last_states_and_the_best_are_kept(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.best.score = -1.0  # nothing can be better than step 0
    run.run(replace(PLAN, steps=5, check_every=1))
    assert checkpoints.steps(tmp_path) == [4, 5]
    assert len(list((tmp_path / "previews").glob("*.wav"))) == 5
    again = trainer(dataset, tmp_path / "other")
    again.run(replace(PLAN, steps=1, check_every=1))
    again.best.score = -1.0
    again.run(replace(PLAN, steps=4, check_every=1))
    assert checkpoints.steps(tmp_path / "other") == [1, 3, 4]
    assert [path.name for path in (tmp_path / "other").glob("G_*.pth")] == ["G_1.pth"]


def test_a_run_ends_when_nothing_gets_better(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.best.score = -1.0
    notes = []
    run.run(replace(PLAN, steps=50, check_every=1, patience=2), lambda told: notes.append(told.note))
    assert run.step == 2
    assert "no better check" in notes[-1]


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_good_state(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    run.run(replace(PLAN, steps=2))
    before = (tmp_path / "states/state-00000002.pt").read_bytes()
    with torch.no_grad():
        run.learner.generator.pre.weight[0, 0, 0] = math.nan
    with pytest.raises(TrainingError, match="the state of step 2 is kept") as error:
        run.run(PLAN)
    assert "`precision` fp32" in error.value.hint
    assert (tmp_path / "states/state-00000002.pt").read_bytes() == before
    assert checkpoints.steps(tmp_path) == [2]


def test_weights_that_are_no_numbers_are_never_kept(dataset, tmp_path):
    run = trainer(dataset, tmp_path)
    with torch.no_grad():
        run.learner.discriminators.discriminators[0].conv_post.bias[0] = math.inf
    with pytest.raises(TrainingError, match="nothing was kept yet"):
        run.run(PLAN)


def test_a_training_goes_on_with_its_own_settings_only(dataset, tmp_path):
    trainer(dataset, tmp_path).run(replace(PLAN, steps=1, check_every=1))
    with pytest.raises(TrainingError, match="other settings: batch 2, now 1"):
        trainer(dataset, tmp_path, replace(made.SMALL, batch=1))
    other = made.dataset(tmp_path / "other", lengths=(24, 31, 20))
    with pytest.raises(TrainingError, match="other settings: dataset"):
        trainer(other, tmp_path)


def test_a_damaged_state_is_named(dataset, tmp_path):
    trainer(dataset, tmp_path).run(replace(PLAN, steps=1, check_every=1))
    path = tmp_path / "states/state-00000001.pt"
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(TrainingError, match=r"state-00000001\.pt' cannot be read"):
        trainer(dataset, tmp_path)


def test_a_full_disk_leaves_the_last_state_whole(dataset, tmp_path, monkeypatch):
    run = trainer(dataset, tmp_path)
    run.run(replace(PLAN, steps=2))
    before = digest(tmp_path / "states/state-00000002.pt")

    class Full:
        def __init__(self, file):
            self.file, self.left = file, 20_000

        def write(self, data):
            self.left -= len(data)
            if self.left < 0:
                raise OSError(28, "No space left on device")
            return self.file.write(data)

        def __getattr__(self, name):
            return getattr(self.file, name)

    real = torch.save
    monkeypatch.setattr(torch, "save", lambda state, file: real(state, Full(file)))
    with pytest.raises(OutputError, match="no space left"):
        run.run(PLAN)
    assert digest(tmp_path / "states/state-00000002.pt") == before
    assert sorted(path.name for path in (tmp_path / "states").iterdir()) == ["state-00000002.pt"]


def test_a_dataset_without_items_or_for_another_family_is_refused(dataset, tmp_path):
    index = indexes.read(dataset)
    indexes.write(replace(index, entries=index.part("validation")), tmp_path)
    with pytest.raises(DatasetError, match="no items to train on"):
        trainer(tmp_path, tmp_path / "out")
    indexes.write(replace(index, content_encoder="vec768l12"), tmp_path)
    with pytest.raises(DatasetError, match="family sovits40 takes vec256l9"):
        trainer(tmp_path, tmp_path / "out")


def test_a_run_learns(dataset, tmp_path):
    settings = replace(made.SMALL, rate=2e-3, average=0.5)
    trainer(dataset, tmp_path, settings).run(replace(PLAN, steps=60, check_every=60))
    mel = [float(row["mel"]) for row in rows(tmp_path)]
    assert np.mean(mel[-10:]) < 0.7 * np.mean(mel[:10])
