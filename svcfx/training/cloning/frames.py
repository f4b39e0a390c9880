"""A recording as a parametric voice knows it: what its nets hear, and the control frames its singer had."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import mel
from svcfx.chain.config import ANALYSIS_RATE
from svcfx.chain.parametric import bands, level, nets
from svcfx.chain.parametric.level import Level
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.pitch import Pitch
from svcfx.dsp.resample import resample
from svcfx.training import world

AUDIBLE = -3.5
"""Natural log below the loud frames, 30 dB: quieter frames are the room's."""
HIGHS_RATE, HIGHS_FFT = 44_100, 2048
HELD = -3.0
"""Natural log below what is continued there, 26 dB: less is a filter's skirt or nothing at all."""
SKIRT, EDGE = 4, 3
"""Bands below the end of a recording that its filter has touched, and those over which its own fades out."""
UNVOICED_WEIGHT = 0.4
"""Unvoiced frames tell of the microphone as much as of the singer."""


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
    heard = _with_own_highs(own.envelope, mono, sample_rate, f0) if own_highs else own.envelope
    envelope = heard - level.envelope_loudness(heard)[:, None]
    return Frames(
        log_mel=log_mel,
        level=measured,
        f0_hz=torch.from_numpy(f0.astype(np.float32)),
        envelope=torch.from_numpy(envelope),
        aperiodicity=torch.from_numpy(own.aperiodicity),
        loudness=level.relative_loudness(log_mel, measured),
    )


def _with_own_highs(
    envelope: NDArray[np.float32], mono: Samples, sample_rate: int, f0_hz: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Band envelope (T, 80) as `world.to_bands` continued it, with the recording's own highs in its place."""
    wave = resample(mono[None], sample_rate, HIGHS_RATE)[0]
    dither = 1e-6 * np.random.default_rng(0).standard_normal(len(wave)).astype(np.float32)
    own = world.bands_at(wave + dither, HIGHS_RATE, HIGHS_FFT, f0_hz)
    known = (bands.centres() >= world.CUT_HZ[0]) & (bands.centres() <= 6000.0)
    own = own + np.median((envelope - own)[:, known])  # both rates' scales are not the same
    share = _share(own, envelope)
    return np.asarray(envelope + share * (own - envelope), np.float32)


def _share(own: NDArray[np.float32], continued: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each band is the recording's own, (80,): 0 up to 6 kHz, 1 above, 0 where the recording ends."""
    hz = bands.centres()
    loud = own[:, hz < world.CUT_HZ[1]].max(1)
    sung = loud >= np.median(loud)
    held = np.median((own - continued)[sung], axis=0) > HELD
    above = np.flatnonzero((hz > world.CUT_HZ[1]) & ~held)
    top = above[0] if len(above) else len(hz) + SKIRT + EDGE
    falling = np.clip((top - SKIRT - np.arange(len(hz))) / EDGE, 0.0, 1.0)
    rising = np.clip((hz - 6000.0) / (world.CUT_HZ[1] - 6000.0), 0.0, 1.0)
    return np.asarray(np.minimum(rising, falling), np.float32)


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
