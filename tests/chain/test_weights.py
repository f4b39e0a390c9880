"""Tensors of a file against the network they are for."""

import pytest
import torch
from torch import nn

from svcfx.chain.weights import fold_weight_norm, require_fit
from svcfx.errors import VoiceError


@pytest.mark.parametrize("layer", [nn.Conv1d(3, 5, 4), nn.ConvTranspose1d(3, 5, 4)])
def test_folding_is_what_torch_computes(layer: nn.Module) -> None:
    normed = nn.utils.parametrizations.weight_norm(layer)
    parts = {name: value.detach() for name, value in normed.named_parameters()}
    gain = 3.0 * parts["parametrizations.weight.original0"]
    direction = parts["parametrizations.weight.original1"]
    folded = fold_weight_norm({"a.weight_g": gain, "a.weight_v": direction, "a.bias": torch.ones(5)})
    assert list(folded) == ["a.weight", "a.bias"]
    torch.testing.assert_close(folded["a.weight"], 3.0 * normed.weight.detach())


def test_a_gain_without_its_direction_is_named() -> None:
    net = nn.Linear(2, 2)
    stray = fold_weight_norm({"weight_g": torch.ones(2, 1), "bias": torch.ones(2)})
    with pytest.raises(
        VoiceError, match=r"2 of 2 .*weight \(2, 2\) is missing; weight_g \(2, 1\) is not part"
    ):
        require_fit(net, stray, "a net")


def test_weights_that_are_no_numbers_are_refused() -> None:
    net = nn.Linear(2, 2)
    tensors = {"weight": torch.eye(2), "bias": torch.tensor([0.0, float("nan")])}
    with pytest.raises(VoiceError, match=r"a net: 1 of 2 tensors hold NaN or infinity \(bias\)"):
        require_fit(net, tensors, "a net")
