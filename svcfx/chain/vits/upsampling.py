"""What all decoders share: the stages that raise frames towards samples."""

import math
from functools import partial

import torch
from torch import nn

from svcfx.chain.nets.hifigan import ResidualBlock, mean
from svcfx.chain.nets.tiles import block_reach, by_tiles
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.layers import Layers
from svcfx.chain.vits.snake import Snake


class UpsamplingDecoder(nn.Module):
    """conv_pre, transposed convolutions `ups`, and after each the mean of its residual blocks."""

    def grow(self, config: VitsConfig, made: Layers, *, snake: bool = False) -> None:
        """Make the stages; called once what comes before them in files is there."""
        self.tiled, self.kernels = made.tiled, len(config.block_kernels)
        self.reach = max(
            block_reach(size, dilations) + (2 * len(dilations) * Snake.REACH if snake else 0)
            for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True)
        )
        self.hop = math.prod(config.rates)
        self.heard_frames = _heard_frames(config, self.reach, Snake.REACH if snake else 0)
        self.conv_pre = made.normed(config.inter, config.initial, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = config.initial
        for stage, (rate, kernel) in enumerate(zip(config.rates, config.rate_kernels, strict=True)):
            before, width = width, config.stage_width(stage)
            padding = (kernel - rate + 1) // 2
            self.ups.append(made.raising(before, width, kernel, rate, padding))
            self.resblocks.extend(
                ResidualBlock(width, size, dilations, made.small, Snake if snake else None)
                for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True)
            )
        self.last_width = width

    def mean_of_blocks(self, stage: int, x: torch.Tensor) -> torch.Tensor:
        """The residual blocks of a stage, averaged."""
        blocks = list(self.resblocks)[stage * self.kernels : (stage + 1) * self.kernels]
        return by_tiles(partial(mean, blocks), x, self.reach) if self.tiled else mean(blocks, x)


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
