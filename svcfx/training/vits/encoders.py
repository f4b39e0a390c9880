"""What is learnt about the latent: the prior from words and pitch, the posterior from the sound itself.

B batch, C channels, T frames, Z latent channels, G speaker width. A mask is (B, 1, T).
"""

import torch
from torch import nn

from svcfx.chain.f0.coarse import BINS
from svcfx.chain.vits.attention import CausalStack, Layers, RelativeStack
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.flow import wavenet

POSTERIOR_LAYERS = 16


class PriorEncoder(nn.Module):
    """(B, C, T) and pitch rows (B, T) -> mean and log standard deviation, each (B, Z, T)."""

    def __init__(self, config: VitsConfig, made: Layers) -> None:
        super().__init__()
        self.proj = nn.Conv1d(config.hidden, 2 * config.inter, 1)
        self.f0_emb = nn.Embedding(BINS, config.hidden)
        self.enc_ = RelativeStack(
            config.hidden, config.filter, config.heads, config.layers, config.kernel, config.window, made
        )

    def forward(
        self, x: torch.Tensor, rows: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        y = self.enc_(x + self.f0_emb(rows).transpose(1, 2), mask)
        mean, log_std = (self.proj(y) * mask).chunk(2, dim=1)
        return mean, log_std


class PosteriorEncoder(nn.Module):
    """Spectrogram (B, fft / 2 + 1, T) and speaker (B, G, 1) -> mean and log standard deviation (B, Z, T)."""

    def __init__(self, config: VitsConfig, bins: int, made: Layers) -> None:
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


class F0Decoder(nn.Module):
    """Predicts the contour that the singer would sing, looking back only: (B, C, T) -> log f0 (B, 1, T)."""

    def __init__(self, config: VitsConfig, made: Layers) -> None:
        super().__init__()
        width = config.hidden
        self.prenet = nn.Conv1d(width, width, 3, padding=1)
        self.decoder = CausalStack(width, config.filter, config.heads, config.layers, config.kernel, made)
        self.proj = nn.Conv1d(width, 1, 1)
        self.f0_prenet = nn.Conv1d(1, width, 3, padding=1)
        self.cond = nn.Conv1d(config.speaker_width, width, 1)

    def forward(
        self, x: torch.Tensor, contour: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor
    ) -> torch.Tensor:
        y = x + self.cond(speaker) + self.f0_prenet(contour * mask)
        y = self.prenet(y * mask) * mask
        out: torch.Tensor = self.proj(self.decoder(y, mask)) * mask
        return out
