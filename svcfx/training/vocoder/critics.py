"""The critics of a vocoder: three of the waveform, each at half the rate of the last, and one a period.

Source: Kong et al., HiFi-GAN, 2020; the periods of openvpi's releases. The first scale is normed by length
and direction as the others, not by its spectrum.
"""

import torch
from torch import nn
from torch.nn import functional

from svcfx.training.vits.critics import Opinion, PeriodCritic, ScaleCritic

SCALES = 3
PERIODS = (3, 5, 7, 11, 17, 23, 37)


class VocoderCritics(nn.Module):
    """All ten; `narrow` divides their channels."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.scales = nn.ModuleList(ScaleCritic(narrow) for _ in range(SCALES))
        self.periods = nn.ModuleList(PeriodCritic(period, narrow) for period in PERIODS)

    def forward(self, audio: torch.Tensor) -> list[Opinion]:
        """One opinion from each on audio (B, N)."""
        found = [critic(audio) for critic in self.periods]
        for critic in self.scales:
            found.append(critic(audio))
            audio = functional.avg_pool1d(audio[:, None], 4, 2, padding=2)[:, 0]
        return found
