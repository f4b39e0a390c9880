"""What makes one singer of the shipped nets: an embedding, and what no embedding reaches.

The singer's own vocal tract (bands read elsewhere), tone (a curve added) and breath are linear in the
decoder's last layer and are folded into it, so that a fitted voice is a voice like any other.
"""

import copy
from types import MappingProxyType

import torch
from torch import nn

from svcfx.chain.parametric import bands, nets
from svcfx.chain.parametric.network import ParametricNet

TONE_KNOTS, TRACT_KNOTS = 12, 5
EMBEDDING, TRACT, TONE, BREATH = 1.0, 0.06, 0.35, 0.7
"""Standard deviations that are expected: embeddings began training with 1, and the two shipped ones have
norms 6.1 and 4.8 in 32 dimensions; log of a tract's length; natural log of tone; logit of breath."""


class Throat(nn.Module):
    """The fitted numbers: embedding (E,), log tract factor at knots, tone at knots, breath (6,)."""

    def __init__(self, embedding: torch.Tensor) -> None:
        super().__init__()
        self.embedding = nn.Parameter(embedding.clone())
        self.tract = nn.Parameter(torch.zeros(TRACT_KNOTS))
        self.tone = nn.Parameter(torch.zeros(TONE_KNOTS))
        self.breath = nn.Parameter(torch.zeros(nets.APERIODICITIES))

    def forward(self, made: nets.Envelope) -> nets.Envelope:
        """Control frames of the decoder as this throat shapes them."""
        envelope = made.envelope @ self.warp().T + _curve(self.tone)
        breath = torch.sigmoid(torch.logit(made.aperiodicity, 1e-4) + self.breath)
        return nets.Envelope(nets.at_loudness_zero(envelope), breath, made.loudness)

    def warp(self) -> torch.Tensor:
        """Matrix (80, 80) that reads each band where this singer's tract has it, rows summing to 1."""
        low, high = float(bands.mel(bands.LOW_HZ)), float(bands.mel(bands.HIGH_HZ))
        centres = torch.tensor(bands.centres().tolist())
        mels = 2595.0 * torch.log10(1.0 + centres * torch.exp(-_curve(self.tract)) / 700.0)
        place = ((mels - low) / (high - low) * (bands.BANDS - 1)).clamp(0.0, bands.BANDS - 1.0)
        return (1.0 - (place[:, None] - torch.arange(bands.BANDS)).abs()).clamp_min(0.0)

    def oddness(self) -> torch.Tensor:
        """Squares over what is expected, summed: how far this singer is from those in training."""
        spread = (
            (self.embedding, EMBEDDING),
            (self.tract, TRACT),
            (self.tone, TONE),
            (self.breath, BREATH),
        )
        return torch.stack([(values / sd).square().sum() for values, sd in spread]).sum()

    @torch.no_grad()
    def sing(self, net: ParametricNet, name: str) -> ParametricNet:
        """The nets with this one singer, `name`; `net` stays as it is."""
        decoder = copy.deepcopy(net.decoder)
        weight, bias = decoder.outward.weight, decoder.outward.bias
        rows = bands.BANDS + nets.APERIODICITIES + 1
        for first in range(0, nets.STACK * rows, rows):
            shape = slice(first, first + bands.BANDS)
            weight[shape] = self.warp() @ weight[shape]
            bias[shape] = self.warp() @ bias[shape] + _curve(self.tone)
            bias[shape.stop : shape.stop + nets.APERIODICITIES] += self.breath
        singers = MappingProxyType({name: self.embedding.detach().clone()})
        return ParametricNet(net.config, net.encoder, decoder, singers, net.reference, index=net.index)


def _curve(knots: torch.Tensor) -> torch.Tensor:
    """Knots drawn out evenly over the 80 bands, (80,)."""
    drawn = nn.functional.interpolate(knots[None, None], bands.BANDS, mode="linear", align_corners=True)
    return drawn[0, 0]
