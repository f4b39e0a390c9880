"""The default tracker: SwiftF0, a small network over 16 ms hops (one door to swift_f0)."""

from functools import cache

import numpy as np
import swift_f0
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE, SLICE
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import SILENT_PEAK, Pitch, Values, unvoiced

HOP = 256
LEFT, RIGHT = 11, 10
"""Hops of context after which a frame no longer depends on where its window was cut."""
SHORT_LEFT, SHORT_RIGHT = 6, 4
"""The same where every moment of waiting counts: voicing differs in 0.3 % of frames, pitch in none."""


class Swift:
    """SwiftF0 on windows; 46.9 to 2094 Hz, voiced from confidence 0.5 on."""

    def __init__(self, frames: int = SLICE, left: int = LEFT, right: int = RIGHT, early: int = 1) -> None:
        self.window, self.early = frames * ANALYSIS_HOP, early
        self.before, self.after = (left + 1) * HOP, right * HOP
        # Hop `left` + 1 lies where the window begins.
        self._place = (np.arange(frames, dtype=np.float64) - early) * (ANALYSIS_HOP / HOP) + 1.0
        self._hops = slice(left, left + int(self._place[-1]) + 2)
        # One thread: a window is too small to share, and the sums must not depend on the core count.
        self._model = swift_f0.SwiftF0(threads=1, spin=False)

    def track(self, audio: NDArray[np.float32]) -> Pitch:
        """Pitch (T,) of one window, with what lies around it."""
        if float(np.abs(audio).max(initial=0.0)) < SILENT_PEAK:
            return unvoiced(len(self._place))
        found = self._model.detect(audio, ANALYSIS_RATE)
        return between(np.log(found.pitch_hz[self._hops]), found.confidence[self._hops], self._place)

    def whole(self, audio16k: NDArray[np.float32], samples: Values) -> Pitch:
        """Pitch (T,) of a whole take (n,) at places (T,), in samples of 16 kHz."""
        found = self._model.detect(audio16k, ANALYSIS_RATE)
        return between(np.log(found.pitch_hz), found.confidence, samples / HOP)


@cache
def load() -> Swift:
    """The tracker, once a process; it may be called from several threads."""
    return Swift()


@cache
def short(frames: int) -> Swift:
    """The tracker on windows of that many frames, with a short look beyond them."""
    return Swift(frames, SHORT_LEFT, SHORT_RIGHT, early=-1)
