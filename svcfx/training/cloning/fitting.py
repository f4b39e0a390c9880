"""A singer fitted to what was heard: Adam over a few numbers, the nets standing still."""

import math
from collections.abc import Callable

import numpy as np
import torch

from svcfx.chain.parametric import nets
from svcfx.chain.parametric.network import ParametricNet
from svcfx.training.cloning.hearing import HeardFrames
from svcfx.training.cloning.throat import Throat

CONTRAST = 2.0
"""Weight of band-to-band differences beside 1 for everything else, as in training."""
STEPS = 120
RATE = 0.06
ODDNESS = 0.004
WINDOW = 600
"""Frames that a step looks at, so that time is bounded however long the recording is."""
OnShare = Callable[[float], None]


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
