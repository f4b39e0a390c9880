"""Self-attention with relative positions, as what is sung needs it: nothing is masked, nothing forgotten.

B batch, C channels, T frames, H heads, D channels of a head. Source: Shaw et al., 2018.
"""

import math

import torch
from torch import nn

from svcfx.chain.nets.conv import Conv1d

MASKED_SCORE = -1e4


class Attention(nn.Module):
    """Self-attention (B, C, T) -> (B, C, T), with `window` frames of relative position, or causal."""

    def __init__(self, channels: int, heads: int, *, window: int = 0, causal: bool = False) -> None:
        super().__init__()
        self.heads, self.window, self.causal = heads, window, causal
        self.conv_q = Conv1d(channels, channels, 1)
        self.conv_k = Conv1d(channels, channels, 1)
        self.conv_v = Conv1d(channels, channels, 1)
        self.conv_o = Conv1d(channels, channels, 1)
        if window:
            offsets = (1, 2 * window + 1, channels // heads)
            self.emb_rel_k = nn.Parameter(torch.zeros(offsets))
            self.emb_rel_v = nn.Parameter(torch.zeros(offsets))

    def forward(self, x: torch.Tensor, mask: None = None) -> torch.Tensor:
        query = self._split(self.conv_q(x))
        query = query / math.sqrt(query.shape[-1])
        scores = query @ self._split(self.conv_k(x)).transpose(-1, -2)
        if self.window:
            _add_diagonals(scores, query @ self.emb_rel_k[0].T, self.window)
        if self.causal:
            future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(future, MASKED_SCORE)
        weights = torch.softmax(scores, dim=-1)
        y = weights @ self._split(self.conv_v(x))
        if self.window:
            y = y + _diagonals(weights, self.window) @ self.emb_rel_v[0]
        out: torch.Tensor = self.conv_o(y.transpose(-1, -2).reshape(x.shape))
        return out

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T) -> (B, H, T, D)."""
        return x.reshape(x.shape[0], self.heads, -1, x.shape[-1]).transpose(-1, -2)


def _add_diagonals(scores: torch.Tensor, values: torch.Tensor, window: int) -> None:
    """Add values (B, H, T, 2 window + 1) to the diagonals of scores (B, H, T, T) in place.

    Column r + window of row i belongs to the key r frames after query i; only a band is ever touched, so
    nothing of the size T x 2T is made.
    """
    frames = scores.shape[-1]
    for offset in range(-min(window, frames - 1), min(window, frames - 1) + 1):
        rows = slice(max(0, -offset), frames - max(0, offset))
        scores.diagonal(offset, -2, -1).add_(values[..., rows, offset + window])


def _diagonals(weights: torch.Tensor, window: int) -> torch.Tensor:
    """Diagonals of weights (B, H, T, T) as (B, H, T, 2 window + 1), zero outside the sequence."""
    frames = weights.shape[-1]
    found = weights.new_zeros(*weights.shape[:-1], 2 * window + 1)
    for offset in range(-min(window, frames - 1), min(window, frames - 1) + 1):
        rows = slice(max(0, -offset), frames - max(0, offset))
        found[..., rows, offset + window] = weights.diagonal(offset, -2, -1)
    return found
