"""The default tracker: SwiftF0, a small network over 16 ms hops (one door to swift_f0)."""

from functools import cache

import numpy as np
import swift_f0
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE, SLICE
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import SILENT_PEAK, WINDOW, Pitch, Values, unvoiced

HOP = 256
LEFT, RIGHT = 11, 10
"""Hops of context after which a frame no longer depends on where its window was cut."""
ANSWERS = WINDOW // HOP + 1


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
        found = self._model.detect(audio, ANALYSIS_RATE)
        hops = slice(LEFT, LEFT + ANSWERS)
        # The first frame lies 10 ms before the second hop.
        place = (np.arange(SLICE, dtype=np.float64) - 1.0) * (ANALYSIS_HOP / HOP) + 1.0
        return between(np.log(found.pitch_hz[hops]), found.confidence[hops], place)

    def whole(self, audio16k: NDArray[np.float32], samples: Values) -> Pitch:
        """Pitch (T,) of a whole take (n,) at places (T,), in samples of 16 kHz."""
        found = self._model.detect(audio16k, ANALYSIS_RATE)
        return between(np.log(found.pitch_hz), found.confidence, samples / HOP)


@cache
def load() -> Swift:
    """The tracker, once a process; it may be called from several threads."""
    return Swift()
