"""Transformer blocks of the prior encoder, of the f0 decoder and of the transformer flow.

B batch, C channels, T frames. Norms come after the sum ("post-norm").
Source: Vaswani et al., "Attention is all you need", 2017.
"""

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.vits.layers import SINGING, Layers, masked


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (B, C, T)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.layer_norm(x.transpose(1, 2), self.gamma.shape, self.gamma, self.beta, 1e-5)
        return y.transpose(1, 2)


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
