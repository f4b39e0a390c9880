"""How a stem is heard before an RVC voice: at 16 kHz, without what lies beneath any voice.

n samples at 16 kHz, T frames of 160.

Source: the published facts of RVC (its high-pass, its padding).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

RATE, HOP = 16_000, 160
_ORDER, _CUTOFF_HZ = 5, 48.0
_UNIT, _NEEDED, _SHORTEST = 320, 80, 400


def high_passed(audio16k: Samples) -> Samples:
    """The audio (n,) without what lies below 48 Hz, its phases as they were: filtered forwards and back."""
    from scipy.signal import filtfilt

    forward, back = _filter()
    if len(audio16k) <= 3 * max(len(forward), len(back)):
        return np.asarray(audio16k, np.float32)
    return np.ascontiguousarray(filtfilt(forward, back, audio16k.astype(np.float64)), np.float32)


@lru_cache(maxsize=1)
def _filter() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.signal import butter

    forward, back = butter(_ORDER, _CUTOFF_HZ, "high", fs=RATE)
    return np.asarray(forward), np.asarray(back)


def around(audio: Samples, first: int, stop: int) -> Samples:
    """Samples `first` to `stop` of a stem (n,), mirrored at its ends as often as it takes."""
    if not len(audio):
        return np.zeros(stop - first, np.float32)
    before, behind = max(-first, 0), max(stop - len(audio), 0)
    inside = audio[max(first, 0) : max(stop, 0)]
    if not before and not behind:
        return np.array(inside, np.float32)
    if len(audio) == 1:
        return np.full(stop - first, audio[0], np.float32)
    period = 2 * len(audio) - 2
    place = np.abs(np.arange(first, stop)) % period
    return np.asarray(audio[np.where(place < len(audio), place, period - place)], np.float32)


def frames_in(samples: int) -> int:
    """Frames that a voice sings of that many samples at 16 kHz: two for each whole unit of the encoder."""
    if samples < _SHORTEST:
        return 0
    return min(samples // HOP, 2 * ((samples - _NEEDED) // _UNIT))
