"""Weights taken apart and put together again."""

import re

import pytest
import torch

from svcfx.chain.checkpoint.export.unfolding import unfold
from svcfx.chain.nets import weights

ALL = re.compile(".*")


@pytest.mark.parametrize("shape", [(4, 3, 5), (6, 2, 16), (1, 16, 7), (8, 1, 5)])
def test_a_weight_comes_back_from_length_and_direction(shape):
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    apart = unfold({"x.weight": weight}, ["x.weight"], ALL)
    assert tuple(apart["x.weight_g"].shape) == (shape[0], 1, 1)
    torch.testing.assert_close(weights.folded(apart)["x.weight"].float(), weight, rtol=1e-6, atol=0)


def test_a_silent_channel_stays_silent_and_finite():
    weight = torch.randn(4, 3, 5)
    weight[2] = 0.0
    apart = unfold({"x.weight": weight}, ["x.weight"], ALL)
    together = weights.folded(apart)["x.weight"]
    assert torch.isfinite(together).all()
    assert together[2].abs().max() == 0


def test_what_two_layers_share_is_stored_once():
    weight = torch.randn(4, 3, 5)
    apart = unfold({"a.weight": weight, "b.weight": weight}, ["a.weight", "b.weight"], ALL)
    assert apart["a.weight_v"] is apart["b.weight_v"]
    assert apart["a.weight_g"] is apart["b.weight_g"]


def test_layers_that_are_not_named_stay_whole_and_float32_on_the_cpu():
    made = unfold({"x.weight": torch.randn(4, 3).double()}, ["x.weight"], re.compile("y"))
    assert {key: (value.dtype, value.is_contiguous()) for key, value in made.items()} == {
        "x.weight": (torch.float32, True)
    }
