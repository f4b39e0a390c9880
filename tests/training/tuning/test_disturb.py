import numpy as np
import torch

from svcfx.chain.parametric.level import NEPER
from svcfx.training.tuning.disturb import disturb


def crops(count=16):
    random = torch.Generator().manual_seed(1)
    heard = -9 + torch.randn(count, 120, 80, generator=random)
    return (
        heard,
        torch.full((count,), -20 * NEPER),
        heard.mean(1) + 20 * NEPER,
        torch.full((count, 120), 200.0),
    )


def test_disturbed_crops_are_finite_differ_and_repeat_from_their_seed():
    one, again = (disturb(*crops(), np.random.default_rng(2)) for _ in range(2))
    for a, b in zip(one, again, strict=True):
        torch.testing.assert_close(a, b)
        assert torch.isfinite(a).all()
    assert float((one[0] - crops()[0]).abs().mean()) > 0.05


def test_swells_stay_within_eight_decibels_and_pitch_within_the_singable():
    *_, f0, gain = disturb(*crops(64), np.random.default_rng(3))
    assert float(gain.abs().max()) <= 8 * NEPER + 1e-6
    assert float(f0.min()) >= 0
    assert float(f0.max()) <= 1400
