"""A diffusion model learns what noise is, draws its takes again out of it, and opens as others do."""

from dataclasses import replace

import needs
import numpy as np
import pytest
import torch
from training.diffusion.small import SMALL, TINY
from training.vits import made

from svcfx.chain.checkpoint import open_refiner
from svcfx.chain.diffusion import Pace, Unit2Mel, refine
from svcfx.chain.diffusion.shallow import denormalise, shallow_start
from svcfx.chain.vocoder import log_mel
from svcfx.errors import DatasetError
from svcfx.training import index as indexes
from svcfx.training.crops import Crops, mel_of
from svcfx.training.diffusion import recipe
from svcfx.training.diffusion.batch import joined
from svcfx.training.diffusion.trainer import DiffusionTrainer, distances
from svcfx.training.engine import engine
from svcfx.training.history import rows
from svcfx.training.plan import TrainingPlan
from svcfx.training.vits.reader import Folder

pytestmark = [pytest.mark.slow, needs.TRAIN]

PLAN = TrainingPlan(steps=3, check_every=3, report_every=1, patience=0)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(recipe._NETS, "small", TINY)
    torch.set_num_threads(1)


def trainer(dataset, out, settings=SMALL):
    return DiffusionTrainer(dataset, out, settings, engine(accelerator="cpu"))


def test_what_is_written_opens_as_what_was_trained(dataset, tmp_path):
    run = trainer(dataset, tmp_path, replace(SMALL, k_step_max=300))
    run.run(PLAN)
    opened = open_refiner(run.model, tmp_path / "config.yaml")
    assert (opened.encoder, opened.k_step_max, opened.timesteps) == ("vec256l9", 300, 1000)
    assert dict(opened.singers) == {"mei": 0, "ana": 1}
    ours = run.average.network.state_dict()
    assert all(torch.equal(tensor, ours[key]) for key, tensor in opened.network.state_dict().items())
    assert torch.load(run.model, weights_only=True)["global_step"] == 3


def test_the_loss_of_a_batch_is_the_mean_of_its_crops_alone(dataset):
    index = indexes.read(dataset)
    crops = Crops.of(Folder(dataset, index, index.part("train")), 20, 4, 5, 0.24)
    torch.manual_seed(3)
    network = Unit2Mel(recipe.sizes(SMALL, index))
    form = recipe.refiner(network, SMALL, index).mel
    batch = joined(crops.step(2), form, 1000, augment=True)
    assert len(set(batch.level.tolist())) > 1
    assert float(batch.shift.abs().max()) > 0
    with torch.no_grad():
        together = distances(network, batch)
        alone = [distances(network, joined([crop], form, 1000, augment=True)) for crop in crops.step(2)]
    for number, one in enumerate(alone):
        assert float(one) == pytest.approx(float(together[number]), rel=1e-5)


def test_the_noise_of_a_training_level_is_that_of_a_shallow_start(dataset):
    """The network hears what `shallow_start` gives, and one that names its noise misses nothing."""
    index = indexes.read(dataset)
    crops = Crops.of(Folder(dataset, index, index.part("train")), 20, 1, 5, 0.24)
    network = Unit2Mel(recipe.sizes(SMALL, index))
    batch = joined(crops.step(0), recipe.refiner(network, SMALL, index).mel, 1000, augment=False)
    level = int(batch.level[0])
    wanted = shallow_start(batch.mel, batch.noise, network.schedule, level + 1)
    heard = []

    def say(x, _time, _hoisted):
        heard.append(x)
        return batch.noise

    network.denoiser.forward = say
    assert float(distances(network, batch)) == 0.0
    torch.testing.assert_close(heard[0], wanted)


@pytest.mark.parametrize("shift", [-5.0, 0.0, 4.3])
def test_the_mel_of_a_crop_is_that_of_its_take(dataset, shift):
    index = indexes.read(dataset)
    item, _ = Folder(dataset, index, index.part("train")).take(1)
    form = recipe.refiner(Unit2Mel(recipe.sizes(SMALL, index)), SMALL, index).mel
    whole = log_mel(torch.from_numpy(item.audio)[None], form, shift)[0]
    for frames in (slice(0, 5), slice(11, 20), slice(item.frames - 6, item.frames)):
        torch.testing.assert_close(mel_of(item, frames, form, shift_semitones=shift), whole[:, frames])


def test_a_small_model_learns_its_takes_and_draws_them_out_of_noise(tmp_path, monkeypatch):
    """Seen: the loss falls from 0.8 to 0.1, and of the noise of 200 levels a fifth is left in the mel."""
    monkeypatch.setitem(recipe._NETS, "small", {"layers": 3, "channels": 64, "hidden": 64})
    monkeypatch.setattr(recipe, "_BINS", 20)  # noise of 128 bins needs more channels than a test has
    takes = made.dataset(tmp_path / "dataset", lengths=(24, 25))
    settings = replace(SMALL, augment=False, batch=8, rate=5e-3, average=0.98)
    run = trainer(takes, tmp_path / "out", settings)
    run.run(replace(PLAN, steps=200, check_every=200, report_every=10))
    lost = [float(row["noise"]) for row in rows(tmp_path / "out")]
    assert np.mean(lost[-5:]) < 0.4 * np.mean(lost[:5])
    model = open_refiner(run.model, tmp_path / "out/config.yaml").network
    batch = run.given(0)
    start = shallow_start(batch.mel, batch.noise, model.schedule, 200)
    with torch.inference_mode():
        singer = torch.eye(2)[batch.singer][:, None]
        condition = model.conditioning(batch.content, batch.f0_hz, batch.volume, singer)
        pace = Pace.of_steps(200, 20)
        drawn = refine(model, condition, start, method="dpm-solver++", pace=pace, step_noise=noiseless)
    before, after = (float((mel - batch.mel).abs().mean()) for mel in (denormalise(start), drawn))
    assert after < 0.4 * before


def noiseless(_level):
    raise AssertionError("only the naive method draws noise on its way")


def test_a_dataset_of_short_takes_or_other_content_is_refused(dataset, tmp_path):
    with pytest.raises(DatasetError, match=r"as long as 2 s, the longest has 0\.4 s"):
        trainer(dataset, tmp_path, replace(SMALL, seconds=2.0))
    indexes.write(replace(indexes.read(dataset), content_encoder="hubertsoft"), tmp_path)
    with pytest.raises(DatasetError, match="'hubertsoft' content, diffusion takes vec256l9 or vec768l12"):
        trainer(tmp_path, tmp_path / "out")
