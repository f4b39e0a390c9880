"""The flow between the singer's latent and the prior's: couplings of half the channels.

Training runs it forwards, singing backwards; `Layers` says what it is made of, a mask (B, 1, T) keeps what
lies behind takes 0.

Source: Dinh et al., NICE, 2015 (additive couplings); van den Oord et al., WaveNet, 2016 (gated layers).
"""

import torch
from torch import nn

from svcfx.chain.vits.blocks import CausalBlocks
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.layers import SINGING, Layers, MakeLayer, masked

KERNEL = 5
TRANSFORMER_KERNEL = 5


class DepthwiseConv(nn.Module):
    """A convolution in time per channel, then one across channels, nothing between."""

    def __init__(self, channels: int, outward: int, kernel: int, conv: MakeLayer) -> None:
        super().__init__()
        self.depth_conv = conv(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.point_conv = conv(channels, outward, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.point_conv(self.depth_conv(x))
        return out


class WaveNet(nn.Module):
    """Gated layers conditioned on the speaker, (B, C, T) and (B, G, 1 or T) -> (B, C, T)."""

    def __init__(
        self, channels: int, speaker_width: int, layers: int, *, depthwise: bool, conv: MakeLayer
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
                return masked(total, mask)
            x = masked(x + change[:, : self.channels], mask)
            total = total + change[:, self.channels :]
        raise AssertionError("the last layer has no residual half")


def gate(x: torch.Tensor) -> torch.Tensor:
    """tanh of the first half of the channels times the sigmoid of the second."""
    signal, opening = x.chunk(2, dim=1)
    return torch.tanh(signal) * torch.sigmoid(opening)


class CouplingTransformer(CausalBlocks):
    """Causal blocks, each behind a gate that the speaker moves; the gate's output replaces the signal."""

    def __init__(self, config: VitsConfig, made: Layers) -> None:
        super().__init__()
        layers, width = config.flow_transformer_layers, config.hidden
        self.cond_pre = made.conv(width, 2 * width, 1)
        self.cond_layer = made.normed(config.speaker_width, 2 * width * layers, 1)
        self.grow(width, config.filter, config.heads, layers, TRANSFORMER_KERNEL, made)

    def forward(
        self, x: torch.Tensor, speaker: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        for layer, condition in enumerate(self.cond_layer(speaker).chunk(len(self.ffn_layers), dim=1)):
            x = self.block(layer, gate(self.cond_pre(x) + condition), mask)
        return masked(x, mask)


class Coupling(nn.Module):
    """One half of the channels says what to add to the other; it starts by adding nothing."""

    def __init__(self, config: VitsConfig, network: nn.Module, made: Layers) -> None:
        super().__init__()
        half = config.inter // 2
        self.pre = made.conv(half, config.hidden, 1)
        self.enc = network
        post = made.conv(config.hidden, half, 1)
        for parameter in post.parameters():
            nn.init.zeros_(parameter)
        self.post = post

    def forward(self, x: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """(B, Z, T) -> (B, Z, T)."""
        kept, changed = x.chunk(2, dim=1)
        change = self.post(self.enc(self.pre(kept) * mask, speaker, mask)) * mask
        return torch.cat([kept, changed + change], dim=1)

    def inverse(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Take away what the forward pass added, (B, Z, T) -> (B, Z, T)."""
        kept, changed = x.chunk(2, dim=1)
        return torch.cat([kept, changed - self.post(self.enc(self.pre(kept), speaker))], dim=1)


class Flow(nn.Module):
    """Couplings, each followed by a reversal of the channels."""

    def __init__(self, config: VitsConfig, made: Layers = SINGING) -> None:
        super().__init__()
        shared = _network(config, made) if config.flow_shared else None
        # A reversal takes every second place in the list and has no weights.
        self.flows = nn.ModuleDict(
            {
                str(2 * i): Coupling(config, shared or _network(config, made), made)
                for i in range(config.flow_layers)
            }
        )
        if shared is not None:
            self.wn = shared

    def forward(self, latent: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Singer's latent (B, Z, T), speaker (B, G, 1) -> prior's latent (B, Z, T)."""
        for coupling in self.flows.values():
            latent = coupling(latent, mask, speaker).flip(1)
        return latent

    def inverse(self, latent: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Prior's latent (B, Z, T), speaker (B, G, 1 or T) -> singer's latent (B, Z, T)."""
        for coupling in reversed(list(self.flows.values())):
            assert isinstance(coupling, Coupling)
            latent = coupling.inverse(latent.flip(1), speaker)
        return latent


def wavenet(config: VitsConfig, layers: int, made: Layers) -> WaveNet:
    """The gated layers of a coupling, or of training's posterior encoder."""
    width = config.speaker_width
    return WaveNet(config.hidden, width, layers, depthwise=config.flow_depthwise, conv=made.normed)


def _network(config: VitsConfig, made: Layers) -> nn.Module:
    if config.flow_transformer_layers:
        return CouplingTransformer(config, made)
    return wavenet(config, config.flow_wavenet_layers, made)
