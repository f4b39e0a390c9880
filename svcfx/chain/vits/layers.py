"""What the networks of this folder are made of: singing and training take other layers for one structure.

Training has the same encoders, flow and decoders of layers that learn. A mask (B, 1, T), 1 inside an item and
0 behind it, is training's too; what is sung alone has none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from svcfx.chain.nets.conv import Conv1d, ConvTranspose1d
from svcfx.chain.vits.attention import Attention

MakeLayer = Callable[..., nn.Module]


@dataclass(frozen=True)
class Layers:
    """What encoders, couplings and decoders are made of.

    Attributes:
        conv: Makes a layer as `nn.Conv1d` is made.
        normed: The same, where files keep length and direction of the weights apart.
        small: The same as `normed`, of a decoder's body: training begins with small weights there.
        raising: Makes a layer as `nn.ConvTranspose1d` is made, with weights as `small`.
        attention: Makes a layer as `Attention` is made.
        dropout: Share of what is forgotten in training.
        tiled: Whether long signals go through residual blocks in pieces (`nets.tiles`).
    """

    conv: MakeLayer = Conv1d
    normed: MakeLayer = Conv1d
    small: MakeLayer = Conv1d
    raising: MakeLayer = ConvTranspose1d
    attention: MakeLayer = Attention
    dropout: float = 0.0
    tiled: bool = True

    def drop(self) -> nn.Module:
        """What forgets, behind each layer of a block."""
        return nn.Dropout(self.dropout) if self.dropout else nn.Identity()


SINGING = Layers()


def masked(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Zero behind each item, where items of several lengths lie together."""
    return x if mask is None else x * mask
