"""What the generator reads: the prior encoder, the posterior one of training, and the decoder of a singer's
own contour.

B batch, C channels, T frames, Z latent channels, G speaker width.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.weights import Rows
from svcfx.chain.vits.blocks import CausalStack, RelativeStack
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.flow import wavenet
from svcfx.chain.vits.layers import SINGING, Layers, masked
from svcfx.chain.vits.pitch import BINS, log_f0, without_mean

ENTRY_SLOPE = 0.1
POSTERIOR_LAYERS = 16
SPECTRUM_BINS = 1025
"""Rows of the spectrogram that the posterior encoder reads: those of an FFT of 2048."""


def from_log_f0(value: torch.Tensor) -> torch.Tensor:
    """Hz of `log_f0`, float32; the power is taken in float64 because it magnifies rounding."""
    return (700.0 * (torch.pow(10.0, value.double() * 500.0 / 2595.0) - 1.0)).float()


def normalised_log_f0(f0_hz: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
    """The contour about its mean over voiced frames: f0 (B, T), voiced (B, T) 0 or 1 -> (B, 1, T)."""
    return without_mean(log_f0(f0_hz), voiced.to(f0_hz.dtype))[:, None]


class F0Decoder(nn.Module):
    """Predicts the contour that the singer would sing, looking back only."""

    def __init__(self, config: VitsConfig, made: Layers = SINGING) -> None:
        super().__init__()
        width = config.hidden
        self.prenet = nn.Conv1d(width, width, 3, padding=1)
        self.decoder = CausalStack(width, config.filter, config.heads, config.layers, config.kernel, made)
        self.proj = nn.Conv1d(width, 1, 1)
        self.f0_prenet = nn.Conv1d(1, width, 3, padding=1)
        self.cond = nn.Conv1d(config.speaker_width, width, 1)

    def forward(
        self, x: torch.Tensor, contour: torch.Tensor, speaker: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """x (B, C, T), normalised contour (B, 1, T), speaker (B, G, 1 or T) -> log f0 (B, 1, T)."""
        y = x + self.cond(speaker) + self.f0_prenet(masked(contour, mask))
        y = masked(self.prenet(masked(y, mask)), mask)
        return masked(self.proj(self.decoder(y, mask)), mask)


class PriorEncoder(nn.Module):
    """(B, C, T) and pitch rows (B, T) -> mean and log standard deviation, each (B, Z, T).

    Behind a linear map, content and pitch are made as large as the width's root and bent once.
    """

    def __init__(self, config: VitsConfig, made: Layers = SINGING) -> None:
        super().__init__()
        self.proj = made.conv(config.hidden, 2 * config.inter, 1)
        self.mapped = config.entry == "mapped"
        if config.pitch:
            self.f0_emb = Rows(BINS, config.hidden)
        self.enc_ = RelativeStack(
            config.hidden, config.filter, config.heads, config.layers, config.kernel, config.window, made
        )

    def embed(self, x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Add the pitch embedding: (B, C, T), (B, T) -> (B, C, T)."""
        if hasattr(self, "f0_emb"):
            x = torch.add(x, self.f0_emb(rows).transpose(1, 2))
        return functional.leaky_relu(x * math.sqrt(x.shape[1]), ENTRY_SLOPE) if self.mapped else x

    def forward(
        self, embedded: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_std = masked(self.proj(self.enc_(embedded, mask)), mask).chunk(2, dim=1)
        return mean, log_std


class PosteriorEncoder(nn.Module):
    """Spectrogram (B, bins, T) and speaker (B, G, 1) -> mean and log standard deviation, each (B, Z, T).

    Training alone runs it; files that training goes on from hold it.
    """

    def __init__(self, config: VitsConfig, bins: int, made: Layers = SINGING) -> None:
        super().__init__()
        self.pre = nn.Conv1d(bins, config.hidden, 1)
        self.enc = wavenet(config, POSTERIOR_LAYERS, made)
        self.proj = nn.Conv1d(config.hidden, 2 * config.inter, 1)

    def forward(
        self, spectrogram: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        y = self.enc(self.pre(spectrogram) * mask, speaker, mask)
        mean, log_std = (self.proj(y) * mask).chunk(2, dim=1)
        return mean, log_std
