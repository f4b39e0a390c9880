"""Transformer blocks of the prior encoder, of the f0 decoder and of the transformer flow.

Training has the same blocks of other layers: `Layers` makes them. A mask (B, 1, T), 1 inside an item and 0
behind it, is training's too; what is sung alone has none.

B batch, C channels, T frames, H heads, D channels of a head. Norms come after the sum ("post-norm").
Source of attention with relative positions: Shaw et al., 2018.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

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


MakeLayer = Callable[..., nn.Module]


@dataclass(frozen=True)
class Layers:
    """What the blocks and couplings are made of.

    Attributes:
        conv: Makes a layer as `nn.Conv1d` is made.
        normed: The same, where files keep length and direction of the weights apart.
        attention: Makes a layer as `Attention` is made.
        dropout: Share of what is forgotten in training.
    """

    conv: MakeLayer = Conv1d
    normed: MakeLayer = Conv1d
    attention: MakeLayer = Attention
    dropout: float = 0.0

    def drop(self) -> nn.Module:
        """What forgets, behind each layer of a block."""
        return nn.Dropout(self.dropout) if self.dropout else nn.Identity()


SINGING = Layers()


def masked(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Zero behind each item, where items of several lengths lie together."""
    return x if mask is None else x * mask


class FeedForward(nn.Module):
    """Two convolutions with a ReLU between; zeros on both sides, or all on the left when causal."""

    def __init__(
        self, channels: int, width: int, kernel: int, made: Layers = SINGING, *, causal: bool = False
    ) -> None:
        super().__init__()
        self.padding = (kernel - 1, 0) if causal else ((kernel - 1) // 2, kernel // 2)
        self.conv_1 = made.conv(channels, width, kernel)
        self.conv_2 = made.conv(width, channels, kernel)
        self.drop = made.drop()

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        y = self.drop(torch.relu(self.conv_1(functional.pad(masked(x, mask), self.padding))))
        return masked(self.conv_2(functional.pad(masked(y, mask), self.padding)), mask)


class RelativeStack(nn.Module):
    """Blocks of windowed attention and feed-forward, each added and normed."""

    def __init__(
        self,
        channels: int,
        width: int,
        heads: int,
        layers: int,
        kernel: int,
        window: int,
        made: Layers = SINGING,
    ) -> None:
        super().__init__()
        every = range(layers)
        self.attn_layers = nn.ModuleList(made.attention(channels, heads, window=window) for _ in every)
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.ffn_layers = nn.ModuleList(FeedForward(channels, width, kernel, made) for _ in every)
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.drop = made.drop()

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        stages = (self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2)
        x = masked(x, mask)
        for attend, norm, feed, norm_after in zip(*stages, strict=True):
            x = norm(x + self.drop(attend(x, mask)))
            x = norm_after(x + self.drop(feed(x, mask)))
        return masked(x, mask)


class CausalBlocks(nn.Module):
    """Blocks of causal attention and causal feed-forward, each added and normed; a subclass chains them."""

    def grow(self, channels: int, width: int, heads: int, layers: int, kernel: int, made: Layers) -> None:
        """Make the blocks; called once what comes before them in files is there."""
        every = range(layers)
        self.self_attn_layers = nn.ModuleList(made.attention(channels, heads, causal=True) for _ in every)
        self.norm_layers_0 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.ffn_layers = nn.ModuleList(
            FeedForward(channels, width, kernel, made, causal=True) for _ in every
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in every)
        self.drop = made.drop()

    def block(self, layer: int, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """One block, (B, C, T) -> (B, C, T)."""
        x = self.norm_layers_0[layer](x + self.drop(self.self_attn_layers[layer](x, mask)))
        y: torch.Tensor = self.norm_layers_1[layer](x + self.drop(self.ffn_layers[layer](x, mask)))
        return y


class CausalStack(CausalBlocks):
    """Causal blocks, one after the other."""

    def __init__(
        self, channels: int, width: int, heads: int, layers: int, kernel: int, made: Layers = SINGING
    ) -> None:
        super().__init__()
        self.grow(channels, width, heads, layers, kernel, made)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        x = masked(x, mask)
        for layer in range(len(self.ffn_layers)):
            x = self.block(layer, x, mask)
        return masked(x, mask)
