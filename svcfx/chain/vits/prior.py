"""The prior encoder: what is sung and at which pitch, as mean and spread of the latent."""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.conv import Conv1d
from svcfx.chain.f0.coarse import BINS
from svcfx.chain.rows import Rows
from svcfx.chain.vits.attention import RelativeStack
from svcfx.chain.vits.config import VitsConfig

ENTRY_SLOPE = 0.1


class PriorEncoder(nn.Module):
    """(B, C, T) and pitch rows (B, T) -> mean and log standard deviation, each (B, Z, T).

    Behind a linear map, content and pitch are made as large as the width's root and bent once.
    """

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        self.proj = Conv1d(config.hidden, 2 * config.inter, 1)
        self.mapped = config.entry == "mapped"
        if config.pitch:
            self.f0_emb = Rows(BINS, config.hidden)
        self.enc_ = RelativeStack(
            config.hidden, config.filter, config.heads, config.layers, config.kernel, config.window
        )

    def embed(self, x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Add the pitch embedding: (B, C, T), (B, T) -> (B, C, T)."""
        if hasattr(self, "f0_emb"):
            x = torch.add(x, self.f0_emb(rows).transpose(1, 2))
        return functional.leaky_relu(x * math.sqrt(x.shape[1]), ENTRY_SLOPE) if self.mapped else x

    def forward(self, embedded: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_std = self.proj(self.enc_(embedded)).chunk(2, dim=1)
        return mean, log_std
