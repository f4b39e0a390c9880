"""Move the spectral envelope of any sound and leave its pitch: formants up or down.

Windows of about 46 ms, a quarter apart. The envelope of a window is the smooth curve over its peaks; each bin
is raised or lowered by what the moved envelope is above the one that was there. Phases stay.

Source of the envelope: Roebel and Rodet, "Efficient spectral envelope estimation and its application to
pitch shifting and envelope preservation", DAFx 2005 (the true envelope).
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

Array = NDArray[np.float64]
OVERLAP = 4
PERIODS_SECONDS = (0.0009, 0.013)
"""Where a voice's period is looked for: 1,100 to 77 Hz."""
FINEST_SECONDS = 0.003
"""Detail over frequency that still counts as a formant; half a period, where a period is shorter."""
FLAT = 0.6
"""Share of an envelope's detail that is kept whole; the rest fades out, lest the curve rings."""
ROUNDS = 6
MOST_DB = 30.0
FLOOR = 1e-7


def window_frames(sample_rate: float) -> int:
    """Length of a window: the power of two next to 46 ms."""
    return int(2 ** round(np.log2(0.046 * sample_rate)))


def window(frames: int) -> Array:
    """Square root of a periodic Hann window, for analysis and synthesis; overlapped squares add to 1."""
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(frames) / frames)
    return np.asarray(np.sqrt(hann * 2.0 / OVERLAP))


def shift(pieces: Samples, semitones: Array, sample_rate: float) -> Array:
    """Shift windows of sound (n, frames) by `semitones` (n,); returns them windowed, ready to overlap-add.

    A window of 0 semitones comes back as it was. A window keeps its energy.
    """
    frames = pieces.shape[1]
    shape = window(frames)
    spectra = np.fft.rfft(pieces * shape, axis=1)
    level = np.log(np.abs(spectra) + FLOOR)
    before = envelope(level, sample_rate)
    moved = _moved(before, semitones)
    limit = MOST_DB * np.log(10.0) / 20.0
    shifted = spectra * np.exp(np.clip(moved - before, -limit, limit))
    energy = np.square(np.abs(spectra)).sum(1) / np.maximum(np.square(np.abs(shifted)).sum(1), 1e-30)
    kept = np.where(semitones == 0.0, 1.0, np.sqrt(energy))
    return np.asarray(np.fft.irfft(shifted * kept[:, None], frames, axis=1) * shape)


def envelope(level: Array, sample_rate: float) -> Array:
    """The smooth curve over log spectra (n, bins), same shape: smoothed again and again over its peaks."""
    frames = 2 * (level.shape[1] - 1)
    reach = _reach(np.fft.irfft(level, frames, axis=1), sample_rate)
    quefrency = np.minimum(np.arange(frames), frames - np.arange(frames))
    fall = np.clip((quefrency / reach[:, None] - FLAT) / (1.0 - FLAT), 0.0, 1.0)
    lifter = 0.5 + 0.5 * np.cos(np.pi * fall)
    curve = level
    for _ in range(ROUNDS):
        smooth = np.fft.rfft(np.fft.irfft(curve, frames, axis=1) * lifter, axis=1).real
        curve = np.maximum(curve, smooth)
    return np.asarray(smooth)


def _reach(cepstra: Array, sample_rate: float) -> Array:
    """Samples of quefrency (n,) that belong to the envelope: half the period where harmonics begin."""
    shortest, longest = (round(period * sample_rate) for period in PERIODS_SECONDS)
    period = shortest + np.argmax(cepstra[:, shortest:longest], axis=1)
    return np.asarray(np.clip(0.5 * period, 0.5 * shortest, FINEST_SECONDS * sample_rate))


def _moved(curve: Array, semitones: Array) -> Array:
    """Envelopes (n, bins) read at lower frequencies to move up, at higher ones to move down."""
    last = curve.shape[1] - 1
    place = np.clip(np.arange(last + 1) * 2.0 ** (-semitones[:, None] / 12.0), 0.0, last)
    left = np.minimum(place.astype(int), last - 1)
    low, high = np.take_along_axis(curve, left, 1), np.take_along_axis(curve, left + 1, 1)
    return np.asarray(low + (high - low) * (place - left))
