"""What a recording has above the engines' 6.6 kHz: the singer's own, as far up as the recording goes."""

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.parametric import bands
from svcfx.dsp.resample import resample
from svcfx.training import world

Envelope = NDArray[np.float32]
RATE, FFT = 44_100, 2048
HELD = -3.0
"""Natural log below what is continued there, 26 dB: less is a filter's skirt or nothing at all."""
SKIRT, EDGE = 4, 3
"""Bands below the end of a recording that its filter has touched, and those over which its own fades out."""


def with_own_highs(
    envelope: Envelope, mono: Samples, sample_rate: int, f0_hz: NDArray[np.float64]
) -> Envelope:
    """Band envelope (T, 80) as `world.to_bands` continued it, with the recording's own highs in its place."""
    wave = resample(mono[None], sample_rate, RATE)[0]
    dither = 1e-6 * np.random.default_rng(0).standard_normal(len(wave)).astype(np.float32)
    own = world.bands_at(wave + dither, RATE, FFT, f0_hz)
    known = (bands.centres() >= world.CUT_HZ[0]) & (bands.centres() <= 6000.0)
    own = own + np.median((envelope - own)[:, known])  # both rates' scales are not the same
    share = _share(own, envelope)
    return np.asarray(envelope + share * (own - envelope), np.float32)


def _share(own: Envelope, continued: Envelope) -> Envelope:
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
