"""What decoders and vocoders of HiFi-GAN's kind share: residual blocks, and their mean.

Source: Kong et al., HiFi-GAN, 2020.
"""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.conv import Conv1d

SLOPE = 0.1
LAST_SLOPE = 0.01
"""The last leaky ReLU has another slope than all before it."""


class ResidualBlock(nn.Module):
    """Pairs of convolutions, the first of each dilated, each pair added to its input; (B, C, N) -> same.

    Args:
        conv: Makes a layer as `nn.Conv1d` is made.
        bend: Makes an activation (B, C, N) -> same for so many channels, in place of leaky ReLUs.
    """

    def __init__(
        self,
        channels: int,
        kernel: int,
        dilations: Sequence[int],
        conv: Callable[..., nn.Module] = Conv1d,
        bend: Callable[[int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            conv(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in dilations
        )
        self.convs2 = nn.ModuleList(
            conv(channels, channels, kernel, padding=(kernel - 1) // 2) for _ in dilations
        )
        if bend is not None:
            self.activations = nn.ModuleList(bend(channels) for _ in range(2 * len(dilations)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for pair, (first, second) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            bent = self._bend(2 * pair, x)
            if isinstance(first, Conv1d):
                # Inside a pair the type is the weights'; what pairs add up to keeps its own.
                bent = bent.to(first.weight.dtype)
            x = x + second(self._bend(2 * pair + 1, first(bent)))
        return x

    def _bend(self, index: int, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "activations"):
            y: torch.Tensor = self.activations[index](x)
            return y
        # What comes between the two convolutions of a pair belongs to nobody else.
        return functional.leaky_relu(x, SLOPE, inplace=index % 2 == 1)


def mean(blocks: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    """What residual blocks beside each other make of x, averaged."""
    total: torch.Tensor = blocks[0](x)
    for block in blocks[1:]:
        total += block(x)
    return total.div_(len(blocks))
