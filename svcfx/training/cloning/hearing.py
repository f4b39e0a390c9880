"""What the shipped nets hear in a recording, and the control frames that its singer really had."""

from dataclasses import dataclass

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain import mel
from svcfx.chain.config import ANALYSIS_RATE
from svcfx.chain.parametric import level, nets
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.pitch import Pitch
from svcfx.dsp.resample import resample
from svcfx.training.parametric import world

AUDIBLE = -3.5
"""Natural log below the loud frames, 30 dB: quieter frames are the room's."""
UNVOICED_WEIGHT = 0.4
"""Unvoiced frames tell of the microphone as much as of the singer."""


@dataclass(frozen=True, eq=False)
class Heard:
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


def hear(net: ParametricNet, mono: Samples, sample_rate: int, pitch: Pitch) -> Heard:
    """Hear a mono recording (n,), whose pitch is known at 10 ms frames."""
    audio = resample(mono[None], sample_rate, ANALYSIS_RATE)[0]
    frames = min(len(pitch.f0_hz), len(audio) // mel.HOP) // 2 * 2
    f0 = pitch.f0_hz[:frames]
    half = mel.WINDOW // 2
    padded = np.pad(audio, (half, half + mel.WINDOW))
    log_mel = mel.log_mel(torch.from_numpy(padded)[None])[0].T[:frames]
    measured = level.measure(log_mel)
    relative = level.relative_loudness(log_mel, measured)
    seen = level.normalise(log_mel, measured, net.reference)
    with torch.inference_mode():
        content = net.encoder(seen.T[None])[0]
    own = world.to_bands(world.analyse_at(audio, f0))
    envelope = own.envelope - level.envelope_loudness(own.envelope)[:, None]
    voiced = torch.from_numpy((f0 > 0).astype(np.float32))
    heard = (relative > AUDIBLE).to(torch.float32)
    return Heard(
        content=content.clone(),
        controls=nets.controls(relative, torch.from_numpy(f0.astype(np.float32))),
        envelope=torch.from_numpy(envelope),
        aperiodicity=torch.from_numpy(own.aperiodicity),
        weight=heard * (UNVOICED_WEIGHT + (1.0 - UNVOICED_WEIGHT) * voiced),
        voiced=voiced,
    )
