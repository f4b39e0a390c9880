"""A singer of the shipped nets fitted to what was heard: Adam over a few numbers, the nets standing still.

The numbers are an embedding, and what no embedding reaches: the singer's own vocal tract (bands read
elsewhere), tone (a curve added) and breath. These are linear in the decoder's last layer and are folded into
it, so that a fitted voice is a voice like any other.
"""

import copy
import math
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import torch
from torch import nn

from svcfx.chain.parametric import bands, nets
from svcfx.chain.parametric.network import ParametricNet
from svcfx.training.cloning.frames import HeardFrames

TONE_KNOTS, TRACT_KNOTS = 12, 5
EMBEDDING, TRACT, TONE, BREATH = 1.0, 0.06, 0.35, 0.7
"""Standard deviations that are expected: embeddings began training with 1, and the two shipped ones have
norms 6.1 and 4.8 in 32 dimensions; log of a tract's length; natural log of tone; logit of breath."""
CONTRAST = 2.0
"""Weight of band-to-band differences beside 1 for everything else, as in training."""
STEPS = 120
RATE = 0.06
ODDNESS = 0.004
WINDOW = 600
"""Frames that a step looks at, so that time is bounded however long the recording is."""
OnShare = Callable[[float], None]


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


def fit(
    net: ParametricNet, heard: HeardFrames, name: str, on_share: OnShare = lambda _: None
) -> ParametricNet:
    """The nets with one singer, `name`, fitted to what was heard; the same numbers every time.

    It starts in the middle of the singers that `net` has; `on_share` is told what share is done, 0 to 1.
    """
    throat = Throat(torch.stack(list(net.singers.values())).mean(0))
    optimiser = torch.optim.Adam(throat.parameters(), RATE)
    random = np.random.default_rng(0)
    with torch.inference_mode(False), torch.enable_grad():
        for step in range(STEPS):
            for group in optimiser.param_groups:
                group["lr"] = RATE * (0.05 + 0.475 * (1.0 + math.cos(math.pi * step / STEPS)))
            loss = distance(net, throat, _window(heard, random)) + ODDNESS * throat.oddness()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            on_share((step + 1) / STEPS)
    return throat.sing(net, name)


def distance(net: ParametricNet, throat: Throat, heard: HeardFrames) -> torch.Tensor:
    """How far the nets with that throat are from the singer's own frames, by the training's own terms."""
    plain = net.decoder(heard.content[None], heard.controls[None], throat.embedding[None])
    made = throat(nets.Envelope(*(part[0] for part in plain)))
    error = made.envelope - heard.envelope
    envelope = _mean(error.abs().mean(-1), heard.weight)
    contrast = _mean(error.diff(dim=-1).abs().mean(-1), heard.weight)
    breath = (made.aperiodicity - heard.aperiodicity).abs().mean(-1)
    return envelope + CONTRAST * contrast + _mean(breath, heard.weight * heard.voiced)


def _window(heard: HeardFrames, random: np.random.Generator) -> HeardFrames:
    frames = len(heard.weight)
    if frames <= WINDOW:
        return heard
    first = 2 * int(random.integers(0, (frames - WINDOW) // 2 + 1))
    rest = (heard.controls, heard.envelope, heard.aperiodicity, heard.weight, heard.voiced)
    steps = slice(first // nets.STACK, (first + WINDOW) // nets.STACK)
    return HeardFrames(heard.content[steps], *(part[first : first + WINDOW] for part in rest))


def _mean(value: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (value * weight).sum() / weight.sum().clamp_min(1.0)
