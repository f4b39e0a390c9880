"""The default tracker: SwiftF0, a small network over 16 ms hops (one door to swift_f0)."""

from functools import cache

import numpy as np
import swift_f0
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, SLICE
from svcfx.chain.pitch.protocol import SILENT_PEAK, VOICED_FROM, WINDOW, Pitch, Values, unvoiced

HOP = 256
LEFT, RIGHT = 11, 10
"""Hops of context after which a frame no longer depends on where its window was cut."""
ANSWERS = WINDOW // HOP + 1
NEAR = np.log(2.0) / 2.0
"""Neighbours further apart than half an octave are not drawn into one line."""


class Swift:
    """SwiftF0 on windows; 46.9 to 2094 Hz, voiced from confidence 0.5 on."""

    before = (LEFT + 1) * HOP
    after = RIGHT * HOP

    def __init__(self) -> None:
        # One thread: a window is too small to share, and the sums must not depend on the core count.
        self._model = swift_f0.SwiftF0(threads=1, spin=False)

    def track(self, audio: NDArray[np.float32]) -> Pitch:
        """Pitch (32,) of one window of 10,752 samples."""
        if float(np.abs(audio).max(initial=0.0)) < SILENT_PEAK:
            return unvoiced(SLICE)
        found = self._model.detect(audio, 16000)
        hops = slice(LEFT, LEFT + ANSWERS)
        return _at_frames(np.log(found.pitch_hz[hops]), found.confidence[hops])


def _at_frames(log_hz: Values, confidence: Values) -> Pitch:
    """From 21 hops to 32 frames; the first frame lies 10 ms before the second hop."""
    place = (np.arange(SLICE) - 1) * (ANALYSIS_HOP / HOP) + 1.0
    left = np.floor(place).astype(int)
    part = place - left
    right = np.minimum(left + 1, ANSWERS - 1)
    sure = confidence[left] * (1.0 - part) + confidence[right] * part
    between = log_hz[left] * (1.0 - part) + log_hz[right] * part
    nearest = np.where(part < 0.5, log_hz[left], log_hz[right])
    both = (confidence[left] >= VOICED_FROM) & (confidence[right] >= VOICED_FROM)
    line = both & (np.abs(log_hz[left] - log_hz[right]) < NEAR)
    one = np.where(confidence[left] >= confidence[right], log_hz[left], log_hz[right])
    value = np.where(line, between, np.where(both, nearest, one))
    voiced = sure >= VOICED_FROM
    return Pitch(np.where(voiced, np.exp(value), 0.0), sure, voiced)


@cache
def load() -> Swift:
    """The tracker, once a process; it may be called from several threads."""
    return Swift()
