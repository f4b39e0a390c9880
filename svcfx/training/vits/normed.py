"""Convolutions that learn length and direction of their weights apart: what files call weight_g and weight_v.

The norm is over all axes but the first, and the keys come as upstream stores them: bias, weight_g, weight_v.

Source: Salimans & Kingma, "Weight normalization", 2016.
"""

import torch
from torch import nn
from torch.nn import functional


class Normed(nn.Module):
    """The parameters of a plain layer, its weight taken apart; a subclass uses them."""

    bias: nn.Parameter | None
    weight_g: nn.Parameter
    weight_v: nn.Parameter

    def __init__(self, plain: nn.Conv1d | nn.ConvTranspose1d | nn.Conv2d) -> None:
        super().__init__()
        self.stride, self.padding = plain.stride, plain.padding
        self.dilation, self.groups = plain.dilation, plain.groups
        self.bias = plain.bias  # type: ignore[assignment]
        weight = plain.weight.detach()
        axes = tuple(range(1, weight.dim()))
        self.weight_g = nn.Parameter(torch.linalg.vector_norm(weight, dim=axes, keepdim=True))
        self.weight_v = nn.Parameter(weight)

    @property
    def weight(self) -> torch.Tensor:
        """The weight in use, g v / |v|."""
        whole: torch.Tensor = torch._weight_norm(self.weight_v, self.weight_g, 0)
        return whole

    def start(self, spread: float) -> "Normed":
        """Draw the weights anew from a normal distribution of that standard deviation."""
        nn.init.normal_(self.weight_v, 0.0, spread)
        axes = tuple(range(1, self.weight_v.dim()))
        with torch.no_grad():
            self.weight_g.copy_(torch.linalg.vector_norm(self.weight_v, dim=axes, keepdim=True))
        return self


class NormedConv1d(Normed):
    """(B, C, T) -> (B, C', T')."""

    def __init__(
        self,
        inward: int,
        outward: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        *,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(nn.Conv1d(inward, outward, kernel, stride, padding, dilation, groups, bias))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        settings = (self.stride, self.padding, self.dilation, self.groups)
        return functional.conv1d(x, self.weight, self.bias, *settings)  # type: ignore[arg-type]


class NormedConvTranspose1d(Normed):
    """(B, C, T) -> (B, C', T'); its norm is one for each channel that comes in."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__(nn.ConvTranspose1d(inward, outward, kernel, stride, padding))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.conv_transpose1d(x, self.weight, self.bias, self.stride, self.padding)  # type: ignore[arg-type]


class NormedConv2d(Normed):
    """(B, C, T, P) -> (B, C', T', P), one column wide."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__(nn.Conv2d(inward, outward, (kernel, 1), (stride, 1), (padding, 0)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(x, self.weight, self.bias, self.stride, self.padding)
