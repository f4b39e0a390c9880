"""Clicks in a voice: the largest second difference of a millisecond against its neighbours' largest.

A click is a millisecond whose peak second difference is four times the peak of everything from 3 to
25 ms before and after it. A voice's own pulses come again within 25 ms and its consonants last longer
than 3 ms, so they are not counted; a lost, doubled or cut sample is.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from svcfx.audio import Samples

FACTOR = 4.0
REACH_MS, GUARD_MS = 25, 2
QUIETEST = 1e-3
"""Second differences below -60 dBFS are no click that anybody hears."""


def clicks(mono: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Seconds of the clicks in a voice (frames,)."""
    size = sample_rate // 1000
    bend = np.abs(np.diff(mono.astype(np.float64), 2))
    count = len(bend) // size
    if not count:
        return np.zeros(0)
    peaks = bend[: count * size].reshape(count, size).max(1)
    sharp = (peaks > QUIETEST) & (peaks > FACTOR * _around(peaks))
    return np.asarray(np.flatnonzero(sharp) * size / sample_rate, np.float64)


def _around(peaks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each millisecond the largest peak on either side of it, without those next to it; (n,)."""
    wide = REACH_MS - GUARD_MS
    away = GUARD_MS + 1 + wide // 2
    padded = np.pad(peaks, away)
    middle = maximum_filter1d(padded, wide, mode="constant")
    return np.asarray(np.maximum(middle[: len(peaks)], middle[2 * away :]), np.float64)
