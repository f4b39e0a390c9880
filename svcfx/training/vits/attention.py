"""Transformer blocks as they are trained: masked, with dropout, differentiable all through.

`svcfx.chain.vits.attention` is the same for singing, where nothing is masked and no gradient flows.
B batch, C channels, T frames, H heads, D channels of a head. A mask is (B, 1, T), 1 inside an item, else 0.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.vits.attention import MASKED_SCORE, ChannelNorm


class Attention(nn.Module):
    """Self-attention (B, C, T) -> (B, C, T), with `window` frames of relative position, or causal."""

    def __init__(
        self, channels: int, heads: int, dropout: float, *, window: int = 0, causal: bool = False
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


class FeedForward(nn.Module):
    """Two convolutions with a ReLU between; zeros on both sides, or all on the left when causal."""

    def __init__(
        self, channels: int, width: int, kernel: int, dropout: float, *, causal: bool = False
    ) -> None:
        super().__init__()
        self.padding = (kernel - 1, 0) if causal else ((kernel - 1) // 2, kernel // 2)
        self.conv_1 = nn.Conv1d(channels, width, kernel)
        self.conv_2 = nn.Conv1d(width, channels, kernel)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        y = self.drop(torch.relu(self.conv_1(functional.pad(x * mask, self.padding))))
        out: torch.Tensor = self.conv_2(functional.pad(y * mask, self.padding)) * mask
        return out


class RelativeStack(nn.Module):
    """Blocks of windowed attention and feed-forward, each added and normed."""

    def __init__(
        self, channels: int, width: int, heads: int, layers: int, kernel: int, window: int, dropout: float
    ) -> None:
        super().__init__()
        every = range(layers)
        self.attn_layers = nn.ModuleList(Attention(channels, heads, dropout, window=window) for _ in every)
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.ffn_layers = nn.ModuleList(FeedForward(channels, width, kernel, dropout) for _ in every)
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        stages = (self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2)
        x = x * mask
        for attend, norm, feed, norm_after in zip(*stages, strict=True):
            x = norm(x + self.drop(attend(x, mask)))
            x = norm_after(x + self.drop(feed(x, mask)))
        return x * mask


class CausalBlocks(nn.Module):
    """Blocks of causal attention and causal feed-forward, each added and normed; a subclass chains them."""

    def grow(self, channels: int, width: int, heads: int, layers: int, kernel: int, dropout: float) -> None:
        """Make the blocks; called once what comes before them in files is there."""
        every = range(layers)
        self.self_attn_layers = nn.ModuleList(Attention(channels, heads, dropout, causal=True) for _ in every)
        self.norm_layers_0 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.ffn_layers = nn.ModuleList(
            FeedForward(channels, width, kernel, dropout, causal=True) for _ in every
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.drop = nn.Dropout(dropout)

    def block(self, layer: int, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """One block, (B, C, T) -> (B, C, T)."""
        x = self.norm_layers_0[layer](x + self.drop(self.self_attn_layers[layer](x, mask)))
        y: torch.Tensor = self.norm_layers_1[layer](x + self.drop(self.ffn_layers[layer](x, mask)))
        return y


class CausalStack(CausalBlocks):
    """Causal blocks, one after the other."""

    def __init__(
        self, channels: int, width: int, heads: int, layers: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.grow(channels, width, heads, layers, kernel, dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = x * mask
        for layer in range(len(self.ffn_layers)):
            x = self.block(layer, x, mask)
        return x * mask
