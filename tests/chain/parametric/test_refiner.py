import pytest
import torch

from svcfx.chain.parametric.nets import Envelope
from svcfx.chain.parametric.refiner import SCHEDULE, SPREAD, EnvelopeRefiner, RefinerConfig, amounts

SMALL = RefinerConfig(width=16, hidden=24, redrawing=2)


@pytest.fixture(scope="module")
def refiner():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return EnvelopeRefiner(SMALL, 4).eval().requires_grad_(False)


def heard(refiner, frames=40, seed=0):
    random = torch.Generator().manual_seed(seed)
    made = Envelope(*(torch.randn(1, frames, *n, generator=random) for n in ((80,), (6,), ())))
    return made, torch.randn(1, frames, 4, generator=random), torch.randn(1, 4, generator=random)


def test_untrained_it_takes_the_residual_for_gaussian(refiner):
    x, condition = torch.randn(1, 80, 7), torch.zeros(1, 7, SMALL.width)
    alpha, sigma = (float(part) for part in amounts(30.0))
    expected = x * sigma / ((alpha / SPREAD) ** 2 + sigma**2)
    torch.testing.assert_close(refiner(x, 30.0, condition), expected)


def test_amounts_are_those_of_the_schedule_and_of_unit_power_between():
    times = torch.tensor([0.0, 12.5, 59.0])
    alpha, sigma = amounts(times)
    torch.testing.assert_close(alpha**2 + sigma**2, torch.ones(3, dtype=torch.float64))
    assert float(alpha[2] ** 2) == pytest.approx(SCHEDULE.kept[59])
    assert float(amounts(12.0)[0]) > float(alpha[1]) > float(amounts(13.0)[0])


def test_one_time_for_all_is_that_time_for_each(refiner):
    x, condition = torch.randn(2, 80, 5), torch.randn(2, 5, SMALL.width)
    torch.testing.assert_close(refiner(x, 20.0, condition), refiner(x, torch.tensor([20.0, 20.0]), condition))


def test_it_looks_back_as_far_as_it_says_and_never_ahead(refiner):
    made, controls, singer = heard(refiner)
    before = refiner.condition(made, controls, singer)
    envelope = made.envelope.clone()
    envelope[:, 20] += 1.0
    changed = (
        (refiner.condition(made._replace(envelope=envelope), controls, singer) - before).abs().sum(-1)[0]
    )
    moved = torch.nonzero(changed).ravel()
    assert int(moved.min()) == 20
    assert int(moved.max()) <= 20 + refiner.lookback_frames
