import numpy as np
import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric import redrawing
from svcfx.chain.parametric.nets import Config, Envelope, at_loudness_zero
from svcfx.chain.parametric.refiner import RefinerConfig

pytestmark = pytest.mark.usefixtures("engines")
SMALL = Config(32, 48, (1, 1), 8, 32, 48, (1,), 8)
FRAMES, A_PHONE, PHONES = 60, 6, 5
COLOURS = torch.from_numpy(np.random.default_rng(3).standard_normal((PHONES, 80)).astype(np.float32))


def drawn(who, random):
    """Crops that hold still for a phone: each phone has its own colour."""
    from factory.material import Batch

    phone = torch.from_numpy(random.integers(0, PHONES, (len(who), FRAMES // A_PHONE)).repeat(A_PHONE, 1))
    envelope = at_loudness_zero(COLOURS[phone])
    return Batch(
        log_mel=torch.from_numpy(random.standard_normal((len(who), 80, FRAMES)).astype(np.float32)),
        controls=torch.zeros(len(who), FRAMES, 4),
        identity=torch.from_numpy(who),
        envelope=envelope,
        aperiodicity=torch.full((len(who), FRAMES, 6), 0.5),
        loudness=torch.zeros(len(who), FRAMES),
        phone=phone + 1,
        weight=torch.ones(len(who), FRAMES),
        voiced=torch.ones(len(who), FRAMES, dtype=torch.bool),
    )


def trainer(folder, steps):
    from factory.refine import RefinerPlan, RefinerTrainer

    plan = RefinerPlan(steps=steps, batch=8, frames=FRAMES, warmup=5, config=RefinerConfig(48, 64, 1, 2))
    return RefinerTrainer(random_network(1, SMALL), ("vela", "corin"), drawn, plan, folder)


@pytest.mark.slow
def test_a_run_goes_on_to_the_bit_where_it_stopped(tmp_path):
    (tmp_path / "whole").mkdir()
    whole = trainer(tmp_path / "whole", 6)
    for _ in range(6):
        whole.advance()
    first = trainer(tmp_path, 6)
    for _ in range(3):
        first.advance()
    first.save()
    resumed = trainer(tmp_path, 6)
    assert resumed.step == 3
    made = resumed.run(lambda _line: None)
    for name, value in whole.average.network.state_dict().items():
        torch.testing.assert_close(made.state_dict()[name], value, rtol=0.0, atol=0.0)


@pytest.mark.slow
def test_a_trained_refiner_brings_the_variance_nearer_to_the_singer_s(tmp_path):
    """A random decoder hardly moves, so all of the singer's variance is missed."""
    run = trainer(tmp_path, 60)
    losses = [run.advance() for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:5])
    refiner = run.average.network
    with torch.inference_mode():
        batch, made = run._crops(np.random.default_rng(9))
        heard = refiner.condition(made, batch.controls, run.singers[batch.identity])
        depth, settings, found = np.full(run.plan.frames, 0.5), ChainSettings("vela"), []
        for row in range(run.plan.batch):
            one = Envelope(*(part[row : row + 1] for part in made))
            found.append(redrawing.redraw(refiner, one, heard[row : row + 1], depth, 1000 * row, settings))
    wanted = batch.envelope.var(1).mean()
    before = made.envelope.var(1).mean() / wanted
    after = torch.cat([one.envelope for one in found]).var(1).mean() / wanted
    assert before < after
    assert abs(1 - after) < 0.95 * abs(1 - before)
