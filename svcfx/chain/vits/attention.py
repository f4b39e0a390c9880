"""Transformer blocks of the prior encoder, of the f0 decoder and of the transformer flow.

B batch, C channels, T frames, H heads, D channels of a head. Norms come after the sum ("post-norm").
Source of attention with relative positions: Shaw et al., 2018.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.conv import Conv1d

MASKED_SCORE = -1e4


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (B, C, T)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.layer_norm(x.transpose(1, 2), self.gamma.shape, self.gamma, self.beta, 1e-5)
        return y.transpose(1, 2)


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

    def forward(self, x: torch.Tensor) -> torch.Tensor:
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


class FeedForward(nn.Module):
    """Two convolutions with a ReLU between; zeros on both sides, or all on the left when causal."""

    def __init__(self, channels: int, width: int, kernel: int, *, causal: bool = False) -> None:
        super().__init__()
        self.padding = (kernel - 1, 0) if causal else ((kernel - 1) // 2, kernel // 2)
        self.conv_1 = Conv1d(channels, width, kernel)
        self.conv_2 = Conv1d(width, channels, kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.conv_1(functional.pad(x, self.padding)))
        out: torch.Tensor = self.conv_2(functional.pad(y, self.padding))
        return out


class RelativeStack(nn.Module):
    """Blocks of windowed attention and feed-forward, each added and normed."""

    def __init__(self, channels: int, width: int, heads: int, layers: int, kernel: int, window: int) -> None:
        super().__init__()
        self.attn_layers = nn.ModuleList(Attention(channels, heads, window=window) for _ in range(layers))
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))
        self.ffn_layers = nn.ModuleList(FeedForward(channels, width, kernel) for _ in range(layers))
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        stages = (self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2)
        for attend, norm, feed, norm_after in zip(*stages, strict=True):
            x = norm(x + attend(x))
            x = norm_after(x + feed(x))
        return x


class CausalBlocks(nn.Module):
    """Blocks of causal attention and causal feed-forward, each added and normed; a subclass chains them."""

    def __init__(self, channels: int, width: int, heads: int, layers: int, kernel: int) -> None:
        super().__init__()
        self.self_attn_layers = nn.ModuleList(Attention(channels, heads, causal=True) for _ in range(layers))
        self.norm_layers_0 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))
        self.ffn_layers = nn.ModuleList(
            FeedForward(channels, width, kernel, causal=True) for _ in range(layers)
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))

    def block(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        """One block, (B, C, T) -> (B, C, T)."""
        x = self.norm_layers_0[layer](x + self.self_attn_layers[layer](x))
        y: torch.Tensor = self.norm_layers_1[layer](x + self.ffn_layers[layer](x))
        return y


class CausalStack(CausalBlocks):
    """Causal blocks, one after the other."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in range(len(self.ffn_layers)):
            x = self.block(layer, x)
        return x
