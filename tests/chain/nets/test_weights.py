"""Tensors of a file against the network they are for."""

import pytest
import torch
from torch import nn

from svcfx.chain.nets.weights import fill, folded, folded_shapes
from svcfx.errors import VoiceError


@pytest.mark.parametrize("layer", [nn.Conv1d(3, 5, 4), nn.ConvTranspose1d(3, 5, 4)])
def test_folding_is_what_torch_computes(layer: nn.Module) -> None:
    normed = nn.utils.parametrizations.weight_norm(layer)
    parts = {name: value.detach() for name, value in normed.named_parameters()}
    gain = 3.0 * parts["parametrizations.weight.original0"]
    direction = parts["parametrizations.weight.original1"]
    stored = {"a.weight_g": gain, "a.weight_v": direction, "a.bias": torch.ones(5)}
    whole = folded(stored)
    assert folded_shapes(stored) == {"a.weight": tuple(direction.shape), "a.bias": (5,)}
    torch.testing.assert_close(whole["a.weight"].float(), 3.0 * normed.weight.detach())


def test_a_network_keeps_its_own_types_and_only_evaluates() -> None:
    with torch.device("meta"):
        net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).double())
    fill(
        net,
        {key: torch.ones(tensor.shape, dtype=torch.half) for key, tensor in net.state_dict().items()},
        "it",
    )
    assert [p.dtype for p in net.parameters()] == [torch.float32] * 2 + [torch.float64] * 2
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize("gain", [torch.ones(2), torch.ones(1, 1), torch.ones(2, 2)])
def test_a_gain_that_fits_no_direction_is_named(gain: torch.Tensor) -> None:
    stored = {"weight_g": gain, "weight_v": torch.ones(2, 2), "bias": torch.ones(2)}
    with pytest.raises(
        VoiceError, match=r"a net: \d of 2 .*weight \(2, 2\) is missing; .* is not part of it"
    ):
        fill(nn.Linear(2, 2, device="meta"), stored, "a net")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_weights_that_are_no_numbers_are_refused(bad: float, kind: torch.dtype) -> None:
    tensors = {"weight": torch.eye(2), "bias": torch.tensor([0.0, bad], dtype=kind)}
    with pytest.raises(VoiceError, match=r"a net: 1 of 2 tensors hold NaN or infinite numbers \(bias\)"):
        fill(nn.Linear(2, 2, device="meta"), tensors, "a net")
