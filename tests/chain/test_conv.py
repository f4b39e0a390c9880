"""Convolutions with channels side by side give what torch's own give."""

import pytest
import torch
from torch import nn

from svcfx.chain.conv import Conv1d, ConvTranspose1d, Linear


def equal(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    theirs.load_state_dict(ours.state_dict())
    with torch.inference_mode():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"padding": 3},
        {"padding": 15, "dilation": 5},
        {"stride": 4, "padding": 2},
        {"padding": 3, "groups": 8},
    ],
)
def test_a_convolution_is_torchs(batch, options):
    sizes = (16, 24, 7)
    equal(Conv1d(*sizes, **options), nn.Conv1d(*sizes, **options), torch.randn(batch, 16, 90))


@pytest.mark.parametrize("batch", [1, 2])
def test_one_channel_becomes_many_frame_by_frame_in_memory(batch):
    conv = Conv1d(1, 8, 4, 2, 1)
    equal(conv, nn.Conv1d(1, 8, 4, 2, 1), torch.randn(batch, 1, 40))
    assert conv(torch.randn(batch, 1, 40)).stride(1) == 1


@pytest.mark.parametrize("sizes", [(16, 8, 4), (4, 2, 1), (32, 8, 12), (7, 4, 1), (3, 5, 0)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_raising_convolution_is_torchs(sizes, bias):
    ours, theirs = ConvTranspose1d(8, 6, *sizes, bias=bias), nn.ConvTranspose1d(8, 6, *sizes, bias=bias)
    equal(ours, theirs, torch.randn(2, 8, 30))
    assert ours(torch.randn(1, 8, 30)).stride(1) == 1


def test_a_linear_map_is_torchs_on_any_shape():
    for shape in ((5, 12), (2, 5, 12), (1, 2, 5, 12)):
        equal(Linear(12, 7), nn.Linear(12, 7), torch.randn(shape))


def test_double_precision_stays_double():
    x = torch.randn(1, 4, 20, dtype=torch.float64)
    conv = Conv1d(4, 4, 3, padding=1).double()
    equal(conv, nn.Conv1d(4, 4, 3, padding=1).double(), x)
    assert conv(x).dtype == torch.float64


def test_layers_hand_on_without_a_copy():
    x = Conv1d(4, 6, 3, padding=1)(torch.randn(2, 4, 20))
    assert x[:, :, None].is_contiguous(memory_format=torch.channels_last)
    assert torch.tanh(x).stride() == x.stride()
