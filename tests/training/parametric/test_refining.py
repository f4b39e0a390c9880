import dataclasses

import numpy as np
import pytest
import torch

from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric import network, redrawing
from svcfx.chain.parametric.nets import Config, Envelope
from svcfx.chain.parametric.refiner import RefinerConfig

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engines")]
SMALL = Config(32, 48, (1, 1), 8, 32, 48, (1,), 8)


@pytest.fixture(scope="module")
def material(engines, tmp_path_factory):
    from svcfx.training.parametric import bank, dataset

    folder = tmp_path_factory.mktemp("bank")
    return dataset.read([bank.make(0, folder, 1, espeak_voices=0)])


def trainer(material, folder, steps):
    from svcfx.training.parametric.refining import RefinerPlan, on_engines

    plan = RefinerPlan(steps=steps, batch=8, frames=60, warmup=5, config=RefinerConfig(48, 64, 1, 2))
    return on_engines(network.random_network(1, SMALL), material, plan, folder)


def test_a_run_goes_on_to_the_bit_where_it_stopped(material, tmp_path):
    (tmp_path / "whole").mkdir()
    whole = trainer(material, tmp_path / "whole", 6)
    for _ in range(6):
        whole.advance()
    first = trainer(material, tmp_path, 6)
    for _ in range(3):
        first.advance()
    first.save()
    resumed = trainer(material, tmp_path, 6)
    assert resumed.step == 3
    made = resumed.run(lambda _line: None)
    for name, value in whole.mean.state_dict().items():
        torch.testing.assert_close(made.state_dict()[name], value, rtol=0.0, atol=0.0)


def test_a_trained_refiner_brings_the_variance_nearer_to_the_singer_s(material, tmp_path):
    """A random decoder hardly moves, so all of the singer's variance is missed."""
    run = trainer(material, tmp_path, 60)
    losses = [run.advance() for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:5])
    refiner = run.mean.eval().requires_grad_(False)
    with torch.inference_mode():
        batch, made = run._crops(np.random.default_rng(9))
        heard = refiner.condition(made, batch.controls, run.singers[batch.identity])
        depth, settings, drawn = np.full(run.plan.frames, 0.5), ChainSettings("vela"), []
        for row in range(run.plan.batch):
            one = Envelope(*(part[row : row + 1] for part in made))
            drawn.append(redrawing.redraw(refiner, one, heard[row : row + 1], depth, 1000 * row, settings))
    wanted = batch.envelope.var(1).mean()
    before = made.envelope.var(1).mean() / wanted
    after = torch.cat([one.envelope for one in drawn]).var(1).mean() / wanted
    assert before < after
    assert abs(1 - after) < 0.95 * abs(1 - before)


def test_a_voice_is_equipped_with_its_refiner_and_its_card_says_so(material, tmp_path):
    import hashlib
    import tomllib

    from svcfx.training.parametric.shipping import equip

    run = trainer(material, tmp_path, 1)
    weights = tmp_path / "voice.safetensors"
    network.save(dataclasses.replace(run.net, refiner=None), weights)
    (tmp_path / "card.toml").write_text('# kept\nsha256 = ""\n[training]\nsteps = 3.0\n')
    equip(weights, dataclasses.replace(run.net, refiner=run.run(lambda _line: None)), {"refiner_steps": 1})
    assert network.load(weights).refiner is not None
    text = (tmp_path / "card.toml").read_text()
    card = tomllib.loads(text)
    assert text.startswith("# kept")
    assert card["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert card["training"] == {"steps": 3.0, "refiner_steps": 1.0}
