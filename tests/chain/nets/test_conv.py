"""Convolutions with channels side by side give what torch's own give."""

import copy
import pickle

import pytest
import torch
from torch import nn

from svcfx.chain.nets.conv import Conv1d, ConvTranspose1d, Linear


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


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("frames", [1, 90])
def test_a_wide_convolution_is_torchs(batch, dilation, frames):
    sizes, options = (16, 64, 11), {"padding": 5 * dilation, "dilation": dilation}
    ours, x = Conv1d(*sizes, **options), torch.randn(batch, 16, frames)
    equal(ours, nn.Conv1d(*sizes, **options), x)
    assert ours(x).stride(1) == 1


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


LAYERS = (Linear(40, 24), Conv1d(40, 24, 1), Conv1d(40, 24, 5, padding=2), Conv1d(40, 24, 7, dilation=3))


def sung(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return layer(x if isinstance(layer, Linear) else x.transpose(1, 2))


@pytest.mark.bytes
@pytest.mark.parametrize("layer", LAYERS[:2], ids=str)  # wider kernels are chosen by the number of threads
def test_any_number_of_threads_gives_the_same_bytes(layer):
    x, before = torch.randn(1, 300, 40), torch.get_num_threads()
    made = []
    for threads in (1, 2, 4):
        torch.set_num_threads(threads)
        made.append(sung(layer, x))
    torch.set_num_threads(before)
    assert all(torch.equal(made[0], other) for other in made)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_weights_that_change_are_heard_at_once_and_copies_keep_their_own(layer):
    x = torch.randn(1, 50, 40)
    layer = copy.deepcopy(layer)
    first = sung(layer, x)
    twin, sent = copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))
    with torch.no_grad():
        layer.weight.zero_()
    bias = layer.bias if isinstance(layer, Linear) else layer.bias[:, None]
    assert torch.equal(sung(layer, x), bias.expand_as(first))
    assert torch.equal(sung(twin, x), first)
    assert torch.equal(sung(sent, x), first)
    layer.weight = nn.Parameter(twin.weight.detach().clone())
    assert torch.equal(sung(layer, x), first)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_gradient_passes_through_a_layer_that_learns_nothing(layer):
    x = torch.randn(1, 50, 40, requires_grad=True)
    frozen = copy.deepcopy(layer).requires_grad_(False)
    sung(frozen, x.detach())
    frozen(x if isinstance(frozen, Linear) else x.transpose(1, 2)).sum().backward()
    assert x.grad is not None
    assert bool(x.grad.any())
