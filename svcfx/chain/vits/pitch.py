"""Pitch as the generator reads it: a normalised contour, and the f0 decoder."""

import torch
from torch import nn

from svcfx.chain.f0.contour import log_f0, without_mean
from svcfx.chain.vits.attention import CausalStack
from svcfx.chain.vits.config import VitsConfig


def from_log_f0(value: torch.Tensor) -> torch.Tensor:
    """Hz of `log_f0`, float32; the power is taken in float64 because it magnifies rounding."""
    return (700.0 * (torch.pow(10.0, value.double() * 500.0 / 2595.0) - 1.0)).float()


def normalised_log_f0(f0_hz: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
    """The contour about its mean over voiced frames: f0 (B, T), voiced (B, T) 0 or 1 -> (B, 1, T)."""
    return without_mean(log_f0(f0_hz), voiced.to(f0_hz.dtype))[:, None]


class F0Decoder(nn.Module):
    """Predicts the contour that the singer would sing, looking back only.

    It works in float64: its rounding would be a wrong pitch, which adds up in the phase of all partials.
    Counted from the shapes it is 2 % of the decoder's work.
    """

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        width = config.hidden
        self.prenet = nn.Conv1d(width, width, 3, padding=1)
        self.decoder = CausalStack(width, config.filter, config.heads, config.layers, config.kernel)
        self.proj = nn.Conv1d(width, 1, 1)
        self.f0_prenet = nn.Conv1d(1, width, 3, padding=1)
        self.cond = nn.Conv1d(config.speaker_width, width, 1)
        self.double()

    def forward(self, x: torch.Tensor, contour: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """x (B, C, T), normalised contour (B, 1, T), speaker (B, G, 1 or T) -> log f0 (B, 1, T), float64."""
        y = x.double() + self.cond(speaker.double()) + self.f0_prenet(contour.double())
        out: torch.Tensor = self.proj(self.decoder(self.prenet(y)))
        return out
