"""An activation that bends periodically, run at twice the rate so that what it adds does not alias.

Source: Ziyin et al., "Neural networks fail to learn periodic functions", 2020; BigVGAN, 2023.
"""

import math

import torch
from torch import nn
from torch.nn import functional

TAPS = 12
CUTOFF = 0.25
HALF_WIDTH = 0.3
TINY = 1e-9


def lowpass_filter() -> torch.Tensor:
    """The half-band low-pass, (1, 1, 12): a Kaiser-windowed sinc whose taps sum to 1.

    Kaiser's attenuation for this width is 51 dB, where beta = 0.1102 (A - 8.7).
    """
    attenuation = 2.285 * (TAPS // 2 - 1) * math.pi * 4 * HALF_WIDTH + 7.95
    window = torch.kaiser_window(TAPS, periodic=False, beta=0.1102 * (attenuation - 8.7), dtype=torch.float64)
    time = torch.arange(TAPS, dtype=torch.float64) - (TAPS - 1) / 2
    taps = 2 * CUTOFF * window * torch.sinc(2 * CUTOFF * time)
    return (taps / taps.sum()).float().reshape(1, 1, TAPS)


class _Filter(nn.Module):
    filter: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", lowpass_filter())


class _Upsample(_Filter):
    """(B, C, T) -> (B, C, 2 T)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = x.shape[1]
        x = functional.pad(x, (5, 5), mode="replicate")
        y = functional.conv_transpose1d(x, self.filter.expand(channels, -1, -1), stride=2, groups=channels)
        return 2.0 * y[..., 15:-15]


class _Downsample(nn.Module):
    """(B, C, 2 T) -> (B, C, T)."""

    def __init__(self) -> None:
        super().__init__()
        self.lowpass = _Filter()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = x.shape[1]
        taps = self.lowpass.filter.expand(channels, -1, -1)
        return functional.conv1d(functional.pad(x, (5, 6), mode="replicate"), taps, stride=2, groups=channels)


class _Bend(nn.Module):
    """y + sin(a y)^2 / b, with a and b a logarithm for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bend = torch.sin(x * self.alpha.exp()[:, None]).square()
        return x + bend / (self.beta.exp()[:, None] + TINY)


class Snake(nn.Module):
    """The whole activation, (B, C, T) -> (B, C, T)."""

    REACH = TAPS
    """Frames to each side that a frame hears, at most."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.act = _Bend(channels)
        self.upsample = _Upsample()
        self.downsample = _Downsample()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        exact = x.to(self.upsample.filter.dtype)  # of layers in half the bits, x may be bfloat16
        y: torch.Tensor = self.downsample(self.act(self.upsample(exact)))
        return y.to(x.dtype)
