"""Convolutions and linear maps that keep the channels of a frame side by side in memory.

Shapes are torch's own, (B, C, T) for a convolution; only the strides differ, and they pass through
everything between two layers, so nothing is copied on the way. The kernels that torch has for this order
do more than those for its usual one, and the one-wide ones more than its matrix product: about 210 billion
multiply-adds a second in float32 and 420 in bfloat16, against 60 to 190, 100 to 390 and 95, on two Zen 5
cores (benchmarks/RESULTS.md).

A layer gives the type that it is given, and works in the type of its weights.
"""

import torch
from torch import nn
from torch.nn import functional


class Conv1d(nn.Conv1d):
    """nn.Conv1d with zero padding given as a number, (B, C, T) -> (B, C', T')."""

    exact = False
    """Whether its weights stay float32 at any precision."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x)
        rows, weight, bias = _typed(_rows(x), self)
        stride, pad, dilation = (1, self.stride[0]), (0, int(self.padding[0])), (1, self.dilation[0])
        y = functional.conv2d(rows, weight[:, :, None], bias, stride, pad, dilation, self.groups)
        return y[:, :, 0].to(x.dtype)


class ConvTranspose1d(nn.ConvTranspose1d):
    """nn.ConvTranspose1d without output padding, groups or dilation, (B, C, T) -> (B, C', T')."""

    def forward(self, x: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x, output_size)
        rows, weight, bias = _typed(_rows(x), self)
        stride, pad = (1, self.stride[0]), (0, int(self.padding[0]))
        return functional.conv_transpose2d(rows, weight[:, :, None], bias, stride, pad)[:, :, 0].to(x.dtype)


class Linear(nn.Linear):
    """nn.Linear as a convolution one frame wide, (..., C) -> (..., C')."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x)
        rows, weight, bias = _typed(x.reshape(1, 1, -1, x.shape[-1]).permute(0, 3, 1, 2), self)
        y = functional.conv2d(rows, weight[:, :, None, None], bias)
        return y.permute(0, 2, 3, 1).reshape(*x.shape[:-1], -1).to(x.dtype)


OURS: dict[type[nn.Module], type[nn.Module]] = {
    nn.Conv1d: Conv1d,
    nn.ConvTranspose1d: ConvTranspose1d,
    nn.Linear: Linear,
}


def adopt(net: nn.Module) -> None:
    """Let the plain layers of somebody else's network work in this order."""
    for module in net.modules():
        if type(module) in OURS:
            module.__class__ = OURS[type(module)]


def settle(net: nn.Module) -> None:
    """Lay the weights of a network that only evaluates as its kernels read them; shapes and values stay."""
    for module in net.modules():
        if isinstance(module, (Conv1d, ConvTranspose1d)) and module.weight.dtype != torch.float64:
            laid = module.weight.detach().transpose(1, 2).contiguous().transpose(1, 2)
            module.weight = nn.Parameter(laid, requires_grad=False)


def _typed(
    x: torch.Tensor, layer: nn.Conv1d | nn.ConvTranspose1d | nn.Linear
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Input, weight and bias of one type, the weight's."""
    return x.to(layer.weight.dtype), layer.weight, layer.bias


def _rows(x: torch.Tensor) -> torch.Tensor:
    """(B, C, T) as an image one row high, (B, C, 1, T), channels last."""
    if x.shape[1] == 1:  # both orders are the same bytes; only the strides can say which is meant
        return x.reshape(len(x), 1, -1, 1).permute(0, 3, 1, 2)
    return x[:, :, None].contiguous(memory_format=torch.channels_last)


def _fits(x: torch.Tensor) -> bool:
    """Whether the fast kernels take it: they know no float64."""
    return x.dtype != torch.float64
