import numpy as np
import pytest
import torch

from svcfx.chain.parametric import network
from svcfx.chain.parametric.nets import Config

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engines")]
SMALL = Config(48, 96, (1, 1), 16, 48, 96, (1,), 8)


@pytest.fixture(scope="module")
def material(engines, tmp_path_factory):
    from svcfx.training.parametric import bank, dataset

    folder = tmp_path_factory.mktemp("bank")
    return dataset.read([bank.make(number, folder, 1, espeak_voices=1) for number in (0, 1)])


def plan(**changes):
    from svcfx.training.parametric.trainer import Plan

    settings = {"steps": 30, "batch": 8, "frames": 120, "others": 3, "warmup": 5, "report_every": 10}
    return Plan(config=SMALL, **(settings | changes))


@pytest.fixture
def trainer(material, tmp_path):
    from svcfx.training.parametric.trainer import Trainer

    return Trainer(material, material, plan(), tmp_path)


def test_a_text_makes_takes_that_agree_with_themselves(material):
    first, length, text = material.takes.T
    assert len(material.takes) == 2 * 11
    assert (first + length)[-1] == len(material.log_mel) == len(material.position)
    for voice, envelope in enumerate(material.envelope):
        longest = np.diff(material.base_first[voice])[text]
        last = [material.position[f : f + n, voice].max() / 16 for f, n in zip(first, length, strict=True)]
        assert np.all(np.array(last) <= longest + 4)
        assert np.isfinite(envelope).all()
    assert material.minutes > 0.5


def test_batches_repeat_from_their_seed(trainer, material):
    from svcfx.training.parametric.dataset import draw

    who = np.array([0, 1, 2])
    one, again = (
        draw(material, trainer.targets, who, 100, np.random.default_rng(4), trainer.reference)
        for _ in range(2)
    )
    for a, b in zip(vars(one).values(), vars(again).values(), strict=True):
        torch.testing.assert_close(a, b)
    assert one.log_mel.shape == (3, 80, 100)
    assert torch.isfinite(one.log_mel).all()


def test_thirty_steps_lower_the_loss_and_a_run_goes_on_where_it_stopped(trainer, material, tmp_path):
    from svcfx.training.parametric.losses import WEIGHTS
    from svcfx.training.parametric.trainer import Trainer

    seen = [trainer.advance() for _ in range(10)]
    trainer.save()
    resumed = Trainer(material, material, plan(), tmp_path)
    assert resumed.step == 10
    seen += [resumed.advance() for _ in range(20)]
    totals = [sum(WEIGHTS[name] * terms[name] for name in WEIGHTS) for terms in seen]
    assert np.mean(totals[-5:]) < 0.9 * np.mean(totals[:5])


def test_a_run_that_stopped_goes_on_to_the_weights_of_one_that_did_not(material, tmp_path):
    from svcfx.training.parametric.trainer import Trainer

    whole = Trainer(material, material, plan(), tmp_path)
    for _ in range(4):
        whole.advance()
    whole.save()
    parts = Trainer(material, material, plan(), tmp_path)
    for trainer in (whole, parts):
        for _ in range(3):
            trainer.advance()
    for model in ("model", "mean", "reader"):
        one, other = (getattr(trainer, model).state_dict() for trainer in (whole, parts))
        torch.testing.assert_close(one, other, rtol=0, atol=0, msg=model)
    assert whole.validate() == parts.validate()


def test_what_ships_loads_and_holds_the_two_singers_and_a_card(trainer, tmp_path):
    import hashlib
    import tomllib

    from svcfx.training.parametric.shipping import ship

    path = ship(trainer, tmp_path / "voice", {"steps": 3})
    assert list(network.load(path).singers) == ["vela", "corin"]
    card = tomllib.loads((tmp_path / "voice" / "card.toml").read_text())
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["training"]["steps"] == 3
