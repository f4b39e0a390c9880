"""The flow in the direction of training: from the singer's latent to the prior's.

Source: Dinh et al., NICE, 2015 (additive couplings); van den Oord et al., WaveNet, 2016 (gated layers).
"""

import torch
from torch import nn

from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.flow import TRANSFORMER_KERNEL, WaveNet, gate
from svcfx.training.vits.attention import CausalBlocks
from svcfx.training.vits.normed import NormedConv1d


class CouplingTransformer(CausalBlocks):
    """Causal blocks, each behind a gate that the speaker moves; the gate's output replaces the signal."""

    def __init__(self, config: VitsConfig, dropout: float) -> None:
        super().__init__()
        layers, width = config.flow_transformer_layers, config.hidden
        self.cond_pre = nn.Conv1d(width, 2 * width, 1)
        self.cond_layer = NormedConv1d(config.speaker_width, 2 * width * layers, 1)
        self.grow(width, config.filter, config.heads, layers, TRANSFORMER_KERNEL, dropout)

    def forward(self, x: torch.Tensor, speaker: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        for layer, condition in enumerate(self.cond_layer(speaker).chunk(len(self.ffn_layers), dim=1)):
            x = self.block(layer, gate(self.cond_pre(x) + condition), mask)
        return x * mask


class Coupling(nn.Module):
    """One half of the channels says what to add to the other; it starts by adding nothing."""

    def __init__(self, config: VitsConfig, network: nn.Module) -> None:
        super().__init__()
        half = config.inter // 2
        self.pre = nn.Conv1d(half, config.hidden, 1)
        self.enc = network
        self.post = nn.Conv1d(config.hidden, half, 1)
        nn.init.zeros_(self.post.weight)
        assert self.post.bias is not None
        nn.init.zeros_(self.post.bias)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        kept, changed = x.chunk(2, dim=1)
        change = self.post(self.enc(self.pre(kept) * mask, speaker, mask)) * mask
        return torch.cat([kept, changed + change], dim=1)


class Flow(nn.Module):
    """Couplings, each followed by a reversal of the channels."""

    def __init__(self, config: VitsConfig, dropout: float) -> None:
        super().__init__()
        shared = _network(config, dropout) if config.flow_shared else None
        # A reversal takes every second place in the list and has no weights.
        self.flows = nn.ModuleDict(
            {
                str(2 * i): Coupling(config, shared or _network(config, dropout))
                for i in range(config.flow_layers)
            }
        )
        if shared is not None:
            self.wn = shared

    def forward(self, latent: torch.Tensor, mask: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Decoder's latent (B, Z, T), speaker (B, G, 1) -> prior's latent (B, Z, T)."""
        for coupling in self.flows.values():
            latent = coupling(latent, mask, speaker).flip(1)
        return latent


def wavenet(config: VitsConfig, layers: int) -> WaveNet:
    """Gated layers that learn length and direction of their weights apart."""
    width = config.speaker_width
    return WaveNet(config.hidden, width, layers, depthwise=config.flow_depthwise, conv=NormedConv1d)


def _network(config: VitsConfig, dropout: float) -> nn.Module:
    if config.flow_transformer_layers:
        return CouplingTransformer(config, dropout)
    layers = config.flow_wavenet_layers
    return wavenet(config, layers)
