"""The flow that turns the prior's latent into the singer's: couplings of half the channels, run backwards.

Training shares the WaveNet: `conv` makes its convolutions, a mask (B, 1, T) keeps what lies behind takes 0.

Source: Dinh et al., NICE, 2015 (additive couplings); van den Oord et al., WaveNet, 2016 (gated layers).
"""

from collections.abc import Callable

import torch
from torch import nn

from svcfx.chain.conv import Conv1d
from svcfx.chain.vits.attention import CausalBlocks
from svcfx.chain.vits.config import VitsConfig

KERNEL = 5
TRANSFORMER_KERNEL = 5
MakeConv = Callable[..., nn.Module]
"""Makes a layer as `nn.Conv1d` is made."""


class DepthwiseConv(nn.Module):
    """A convolution in time per channel, then one across channels, nothing between."""

    def __init__(self, channels: int, outward: int, kernel: int, conv: MakeConv) -> None:
        super().__init__()
        self.depth_conv = conv(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.point_conv = conv(channels, outward, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.point_conv(self.depth_conv(x))
        return out


class WaveNet(nn.Module):
    """Gated layers conditioned on the speaker, (B, C, T) and (B, G, 1 or T) -> (B, C, T)."""

    def __init__(
        self, channels: int, speaker_width: int, layers: int, *, depthwise: bool, conv: MakeConv = Conv1d
    ) -> None:
        super().__init__()
        self.channels = channels
        self.in_layers = nn.ModuleList(
            DepthwiseConv(channels, 2 * channels, KERNEL, conv)
            if depthwise
            else conv(channels, 2 * channels, KERNEL, padding=KERNEL // 2)
            for _ in range(layers)
        )
        self.res_skip_layers = nn.ModuleList(
            conv(channels, channels if layer == layers - 1 else 2 * channels, 1) for layer in range(layers)
        )
        self.cond_layer = conv(speaker_width, 2 * channels * layers, 1)

    def forward(
        self, x: torch.Tensor, speaker: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        conditions = self.cond_layer(speaker).chunk(len(self.in_layers), dim=1)
        total = torch.zeros_like(x)
        for inward, outward, condition in zip(self.in_layers, self.res_skip_layers, conditions, strict=True):
            change = outward(gate(inward(x) + condition))
            if change.shape[1] == self.channels:
                total = torch.add(total, change)
                return total if mask is None else total * mask
            x = x + change[:, : self.channels]
            x = x if mask is None else x * mask
            total = total + change[:, self.channels :]
        raise AssertionError("the last layer has no residual half")


def gate(x: torch.Tensor) -> torch.Tensor:
    """tanh of the first half of the channels times the sigmoid of the second."""
    signal, opening = x.chunk(2, dim=1)
    return torch.tanh(signal) * torch.sigmoid(opening)


class CouplingTransformer(CausalBlocks):
    """Causal blocks, each behind a gate that the speaker moves; the gate's output replaces the signal."""

    def __init__(self, config: VitsConfig) -> None:
        layers, width = config.flow_transformer_layers, config.hidden
        super().__init__(width, config.filter, config.heads, layers, TRANSFORMER_KERNEL)
        self.cond_pre = Conv1d(width, 2 * width, 1)
        self.cond_layer = Conv1d(config.speaker_width, 2 * width * layers, 1)

    def forward(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        for layer, condition in enumerate(self.cond_layer(speaker).chunk(len(self.ffn_layers), dim=1)):
            x = self.block(layer, gate(self.cond_pre(x) + condition))
        return x


class Coupling(nn.Module):
    """One half of the channels says what to add to the other."""

    def __init__(self, config: VitsConfig, network: nn.Module) -> None:
        super().__init__()
        half = config.inter // 2
        self.pre = Conv1d(half, config.hidden, 1)
        self.enc = network
        self.post = Conv1d(config.hidden, half, 1)

    def inverse(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Take away what the forward pass added, (B, Z, T) -> (B, Z, T)."""
        kept, changed = x.chunk(2, dim=1)
        return torch.cat([kept, changed - self.post(self.enc(self.pre(kept), speaker))], dim=1)


class Flow(nn.Module):
    """Couplings, each followed by a reversal of the channels."""

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        shared = _network(config) if config.flow_shared else None
        if shared is not None:
            self.wn = shared
        # A reversal takes every second place in the list and has no weights.
        self.flows = nn.ModuleDict(
            {str(2 * i): Coupling(config, shared or _network(config)) for i in range(config.flow_layers)}
        )

    def inverse(self, latent: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Prior's latent (B, Z, T), speaker (B, G, 1 or T) -> decoder's latent (B, Z, T)."""
        for coupling in reversed(list(self.flows.values())):
            assert isinstance(coupling, Coupling)
            latent = coupling.inverse(latent.flip(1), speaker)
        return latent


def _network(config: VitsConfig) -> nn.Module:
    if config.flow_transformer_layers:
        return CouplingTransformer(config)
    layers = config.flow_wavenet_layers
    return WaveNet(config.hidden, config.speaker_width, layers, depthwise=config.flow_depthwise)
