"""What the shipped nets hear in a recording, beside the control frames that its singer really had."""

from dataclasses import dataclass

import torch

from svcfx.audio import Samples
from svcfx.chain.parametric import level, nets
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.pitch import Pitch
from svcfx.training.cloning.frames import frames

UNVOICED_WEIGHT = 0.4
"""Unvoiced frames tell of the microphone as much as of the singer."""


@dataclass(frozen=True, eq=False)
class HeardFrames:
    """T frames (even) of a recording: what the decoder is given, what it should give, how far that is so.

    `content` (S, C), `controls` (T, 4); `envelope` (T, 80) at loudness 0, `aperiodicity` (T, 6), both as
    WORLD measures them; `weight` (T,) 0..1, `voiced` (T,) 0 or 1.
    """

    content: torch.Tensor
    controls: torch.Tensor
    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    weight: torch.Tensor
    voiced: torch.Tensor


def hear(net: ParametricNet, mono: Samples, sample_rate: int, pitch: Pitch) -> HeardFrames:
    """Hear a mono recording (n,), whose pitch is known at 10 ms frames."""
    own = frames(mono, sample_rate, pitch.f0_hz)
    seen = level.normalise(own.log_mel, own.level, net.reference)
    with torch.inference_mode():
        content = net.encoder(seen.T[None])[0]
    return HeardFrames(
        content=content.clone(),
        controls=nets.controls(own.loudness, own.f0_hz),
        envelope=own.envelope,
        aperiodicity=own.aperiodicity,
        weight=own.audible * (UNVOICED_WEIGHT + (1.0 - UNVOICED_WEIGHT) * own.voiced),
        voiced=own.voiced,
    )
