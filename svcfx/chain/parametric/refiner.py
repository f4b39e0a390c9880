"""Shallow diffusion on the envelopes of a parametric voice: what L1 smoothed away, drawn again.

    decoder's frames -> Conditioner -> h;  (residual, noise level, h) -> how much of the residual is noise

The residual is the singer's own envelope less the decoder's, `SPREAD` standard deviations of a band being 1.
The decoder's envelope is residual 0, so a start at some noise level is noise alone, and the deeper the start
the more of the lost variance comes back. The net sees time in its condition alone, which looks back and not
ahead; neighbouring frames agree because their noise does.
B batch, T frames at 100 a second, W width, E embedding.

Source: Liu et al., "DiffSinger", 2022 (shallow start); Karras et al., "Elucidating the design space of
diffusion-based generative models", 2022 (the net corrects the best linear guess).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.diffusion.schedule import NoiseSchedule
from svcfx.chain.parametric import bands
from svcfx.chain.parametric.nets import APERIODICITIES, CONTROLS, KERNEL, Block, Envelope

SCHEDULE = NoiseSchedule(60)
"""At its last level 0.54 of the power is left, at half of them 0.87: a start there redraws most, and half."""
SPREAD = 3.0
WAVES = 8


@dataclass(frozen=True)
class RefinerConfig:
    """Sizes: the width of everything, of the hidden layers, and how many blocks hear and how many redraw."""

    width: int = 128
    hidden: int = 256
    hearing: int = 2
    redrawing: int = 4


class EnvelopeRefiner(nn.Module):
    """Noise in a residual (B, 80, T) at a noise level, given what the decoder made."""

    scale: torch.Tensor

    def __init__(self, config: RefinerConfig, embedding: int) -> None:
        super().__init__()
        self.config = config
        self.lookback_frames = config.hearing * (KERNEL - 1)
        self.register_buffer("scale", torch.ones(bands.BANDS))
        self.hear = nn.Linear(bands.BANDS + APERIODICITIES + 1 + CONTROLS, config.width)
        self.hearing = nn.ModuleList(
            Block(config.width, config.hidden, 0, embedding) for _ in range(config.hearing)
        )
        self.level = nn.Linear(WAVES, config.width)
        self.inward = nn.Linear(bands.BANDS, config.width)
        self.redrawing = nn.ModuleList(
            _Residual(config.width, config.hidden) for _ in range(config.redrawing)
        )
        self.norm = nn.LayerNorm(config.width)
        self.outward = nn.Linear(config.width, bands.BANDS)
        nn.init.zeros_(self.outward.weight)
        nn.init.zeros_(self.outward.bias)

    def condition(self, made: Envelope, controls: torch.Tensor, singer: torch.Tensor) -> torch.Tensor:
        """What is heard of frames (B, T, ...), their controls (B, T, 4) and a singer (B, E): (B, T, W)."""
        loudness = made.loudness.clamp(-8.0, 2.0)[..., None]
        heard = self.hear(torch.cat([made.envelope / 3.0, made.aperiodicity, loudness / 3.0, controls], -1))
        for block in self.hearing:
            heard = block(heard, singer)
        return torch.as_tensor(heard)

    def forward(self, x: torch.Tensor, time: float | torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Noise in x (B, 80, T) at one time 0 to 59 for all or at one for each (B,), given h (B, T, W)."""
        alpha, sigma = (part.to(x)[:, None, None] for part in amounts(time))
        power = (alpha / SPREAD) ** 2 + sigma**2
        y = self.inward(x.transpose(1, 2) * power.rsqrt()) + condition
        level = self.level(_waves(time).to(x))[:, None]
        for layer in self.redrawing:
            y = layer(y, level)
        change = self.outward(self.norm(y)).transpose(1, 2).float()
        return torch.as_tensor(x * sigma / power + change * (alpha / SPREAD) * power.rsqrt())


class _Residual(nn.Module):
    """y + MLP(norm(y) + level), one frame at a time."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)

    def forward(self, y: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return y + torch.as_tensor(self.contract(functional.gelu(self.expand(self.norm(y) + level))))


def amounts(time: float | torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Amplitudes (B,) of the residual and of the noise at times on the schedule, straight in log power."""
    at = np.atleast_1d(np.asarray(time, np.float64))
    power = np.exp(np.interp(at, np.arange(SCHEDULE.timesteps), np.log(SCHEDULE.kept)))
    return torch.from_numpy(np.sqrt(power)), torch.from_numpy(np.sqrt(1.0 - power))


def _waves(time: float | torch.Tensor) -> torch.Tensor:
    """A time as cosines (B, 8) of rising rate over the schedule."""
    part = torch.as_tensor(time, dtype=torch.float32).reshape(-1, 1) / SCHEDULE.timesteps
    return torch.cos(math.pi * part * torch.arange(WAVES))
