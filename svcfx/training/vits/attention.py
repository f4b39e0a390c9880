"""What networks of `svcfx.chain.vits` are made of in training, above all an attention that is masked.

The one of `svcfx.chain.vits.attention` adds and reads its band in place, which no gradient flows through.
B batch, C channels, T frames, H heads, D channels of a head. A mask is (B, 1, T), 1 inside an item, else 0.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.vits.attention import MASKED_SCORE
from svcfx.chain.vits.layers import Layers
from svcfx.training.vits.normed import Normed, NormedConv1d, NormedConvTranspose1d

SPREAD = 0.01
"""Standard deviation of fresh weights in a decoder's body."""


class TrainedAttention(nn.Module):
    """Self-attention (B, C, T) -> (B, C, T), with `window` frames of relative position, or causal."""

    def __init__(
        self, channels: int, heads: int, *, dropout: float, window: int = 0, causal: bool = False
    ) -> None:
        super().__init__()
        self.heads, self.window, self.causal = heads, window, causal
        if window:
            deep = channels // heads
            offsets = (1, 2 * window + 1, deep)
            self.emb_rel_k = nn.Parameter(torch.randn(offsets) / math.sqrt(deep))
            self.emb_rel_v = nn.Parameter(torch.randn(offsets) / math.sqrt(deep))
        self.conv_q = nn.Conv1d(channels, channels, 1)
        self.conv_k = nn.Conv1d(channels, channels, 1)
        self.conv_v = nn.Conv1d(channels, channels, 1)
        self.conv_o = nn.Conv1d(channels, channels, 1)
        self.drop = nn.Dropout(dropout)
        for inward in (self.conv_q, self.conv_k, self.conv_v):
            nn.init.xavier_uniform_(inward.weight)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        query = self._split(self.conv_q(x))
        query = query / math.sqrt(query.shape[-1])
        scores = query @ self._split(self.conv_k(x)).transpose(-1, -2)
        if self.window:
            scores = scores + _band_to_square(query @ self.emb_rel_k[0].T)
        weights = self.drop(torch.softmax(scores.masked_fill(self._hidden(mask), MASKED_SCORE), dim=-1))
        y = weights @ self._split(self.conv_v(x))
        if self.window:
            y = y + _square_to_band(weights, self.window) @ self.emb_rel_v[0]
        out: torch.Tensor = self.conv_o(y.transpose(-1, -2).reshape(x.shape))
        return out

    def _hidden(self, mask: torch.Tensor) -> torch.Tensor:
        """What no query may see, (B, 1, 1 or T, T)."""
        hidden = (mask == 0)[:, :, None]
        if self.causal:
            frames = mask.shape[-1]
            future = torch.ones(frames, frames, dtype=torch.bool, device=mask.device).triu(1)
            hidden = hidden | future
        return hidden

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T) -> (B, H, T, D)."""
        return x.reshape(x.shape[0], self.heads, -1, x.shape[-1]).transpose(-1, -2)


def _band_to_square(band: torch.Tensor) -> torch.Tensor:
    """Columns (..., T, 2 w + 1) to the diagonals of (..., T, T): column r of row i belongs to key i + r - w.

    Rows that are one number longer than the square's shift by one place a row when read at its width.
    """
    frames, width = band.shape[-2:]
    flat = functional.pad(band, (0, frames)).flatten(-2)[..., : frames * (frames + width - 1)]
    shifted = flat.reshape(*band.shape[:-1], frames + width - 1)
    return shifted[..., width // 2 : width // 2 + frames]


def _square_to_band(square: torch.Tensor, window: int) -> torch.Tensor:
    """Diagonals of (..., T, T) as columns (..., T, 2 w + 1), zero outside the sequence."""
    frames, width = square.shape[-1], 2 * window + 1
    flat = functional.pad(functional.pad(square, (window, window)).flatten(-2), (0, frames))
    return flat.reshape(*square.shape[:-1], frames + width)[..., :width]


def layers(dropout: float) -> Layers:
    """What encoders, couplings and decoders are made of in training."""
    return Layers(
        conv=nn.Conv1d,
        normed=NormedConv1d,
        small=functools.partial(_small, NormedConv1d),
        raising=functools.partial(_small, NormedConvTranspose1d),
        attention=functools.partial(TrainedAttention, dropout=dropout),
        dropout=dropout,
        tiled=False,
    )


def _small(kind: Callable[..., Normed], *shape: int, **settings: Any) -> Normed:
    return kind(*shape, **settings).start(SPREAD)
