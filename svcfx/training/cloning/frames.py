"""A recording as a parametric voice knows it: what is heard, and the control frames its singer really had."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import mel
from svcfx.chain.config import ANALYSIS_RATE
from svcfx.chain.parametric import level
from svcfx.chain.parametric.level import Level
from svcfx.dsp.resample import resample
from svcfx.training import world
from svcfx.training.cloning.highs import with_own_highs

AUDIBLE = -3.5
"""Natural log below the loud frames, 30 dB: quieter frames are the room's."""


@dataclass(frozen=True, eq=False)
class Frames:
    """T frames (even) of a recording, 100 a second.

    `log_mel` (T, 80) and its `level`; `f0_hz` (T,), 0 where unvoiced; `envelope` (T, 80) at loudness 0 and
    `aperiodicity` (T, 6), both as WORLD measures them; `loudness` (T,), natural log over the loud frames.
    """

    log_mel: torch.Tensor
    level: Level
    f0_hz: torch.Tensor
    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    loudness: torch.Tensor

    def __len__(self) -> int:
        return len(self.f0_hz)

    @property
    def voiced(self) -> torch.Tensor:
        """(T,), 0 or 1."""
        return (self.f0_hz > 0).to(torch.float32)

    @property
    def audible(self) -> torch.Tensor:
        """(T,), 0 or 1."""
        return (self.loudness > AUDIBLE).to(torch.float32)


def frames(
    mono: Samples, sample_rate: int, f0_hz: NDArray[np.floating], *, own_highs: bool = False
) -> Frames:
    """The frames of a mono recording (n,), whose pitch is known at 10 ms frames, 0 where unvoiced.

    Args:
        own_highs: Whether what the recording has above 6.6 kHz counts, or is continued from below for any.
    """
    audio = resample(mono[None], sample_rate, ANALYSIS_RATE)[0]
    count = min(len(f0_hz), len(audio) // mel.HOP) // 2 * 2
    f0 = np.asarray(f0_hz[:count], np.float64)
    half = mel.WINDOW // 2
    padded = np.pad(audio, (half, half + mel.WINDOW))
    log_mel = mel.log_mel(torch.from_numpy(padded)[None])[0].T[:count].contiguous()
    measured = level.measure(log_mel)
    own = world.to_bands(world.analyse_at(audio, f0))
    heard = with_own_highs(own.envelope, mono, sample_rate, f0) if own_highs else own.envelope
    envelope = heard - level.envelope_loudness(heard)[:, None]
    return Frames(
        log_mel=log_mel,
        level=measured,
        f0_hz=torch.from_numpy(f0.astype(np.float32)),
        envelope=torch.from_numpy(envelope),
        aperiodicity=torch.from_numpy(own.aperiodicity),
        loudness=level.relative_loudness(log_mel, measured),
    )
