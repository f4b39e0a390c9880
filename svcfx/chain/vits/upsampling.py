"""What all decoders share: residual blocks, and the stages that raise frames towards samples.

Source: Kong et al., HiFi-GAN, 2020.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.conv import Conv1d, ConvTranspose1d
from svcfx.chain.tiles import block_reach, by_tiles
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.snake import Snake

SLOPE = 0.1
LAST_SLOPE = 0.01
"""The last leaky ReLU has another slope than all before it."""


class ResidualBlock(nn.Module):
    """Pairs of convolutions, the first of each dilated, each pair added to its input."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...], *, snake: bool) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            Conv1d(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in dilations
        )
        self.convs2 = nn.ModuleList(
            Conv1d(channels, channels, kernel, padding=(kernel - 1) // 2) for _ in dilations
        )
        if snake:
            self.activations = nn.ModuleList(Snake(channels) for _ in range(2 * len(dilations)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for pair, (first, second) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            assert isinstance(first, Conv1d)
            # Inside a pair the type is the weights'; what pairs add up to keeps its own.
            inner = first(self._bend(2 * pair, x).to(first.weight.dtype))
            x = x + second(self._bend(2 * pair + 1, inner))
        return x

    def _bend(self, index: int, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "activations"):
            y: torch.Tensor = self.activations[index](x)
            return y
        # What comes between the two convolutions of a pair belongs to nobody else.
        return functional.leaky_relu(x, SLOPE, inplace=index % 2 == 1)


class UpsamplingDecoder(nn.Module):
    """conv_pre, transposed convolutions `ups`, and after each the mean of its residual blocks."""

    def __init__(self, config: VitsConfig, *, snake: bool = False) -> None:
        super().__init__()
        self.kernels = len(config.block_kernels)
        self.reach = max(
            block_reach(size, dilations) + (2 * len(dilations) * Snake.REACH if snake else 0)
            for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True)
        )
        self.hop = math.prod(config.rates)
        self.heard_frames = _heard_frames(config, self.reach, Snake.REACH if snake else 0)
        self.conv_pre = Conv1d(config.inter, config.initial, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = config.initial
        for stage, (rate, kernel) in enumerate(zip(config.rates, config.rate_kernels, strict=True)):
            before, width = width, config.stage_width(stage)
            padding = (kernel - rate + 1) // 2
            self.ups.append(ConvTranspose1d(before, width, kernel, rate, padding))
            self.resblocks.extend(
                ResidualBlock(width, size, dilations, snake=snake)
                for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True)
            )
        self.last_width = width

    def mean_of_blocks(self, stage: int, x: torch.Tensor) -> torch.Tensor:
        """The residual blocks of a stage, averaged."""
        blocks = list(self.resblocks)[stage * self.kernels : (stage + 1) * self.kernels]
        return by_tiles(lambda tile: _mean(blocks, tile), x, self.reach)


def _heard_frames(config: VitsConfig, blocks: int, bend: int) -> int:
    """Frames to each side of a sample that are heard in it: one that is shared, and what each layer adds.

    The blocks of a stage reach `blocks` of its samples, what bends the signal before a layer `bend`.
    """
    reach, rate = 3.0, 1
    for stride, kernel in zip(config.rates, config.rate_kernels, strict=True):
        reach += (bend + kernel / stride) / rate
        rate *= stride
        reach += blocks / rate
    return 1 + math.ceil(reach + (bend + 3.0) / rate)


def _mean(blocks: list[nn.Module], x: torch.Tensor) -> torch.Tensor:
    total: torch.Tensor = blocks[0](x)
    for block in blocks[1:]:
        total += block(x)
    return total.div_(len(blocks))
