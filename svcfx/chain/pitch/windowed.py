"""A tracker that looks at a whole take, asked window by window."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, SLICE
from svcfx.chain.pitch import swift
from svcfx.chain.pitch.above import octave_held
from svcfx.chain.pitch.protocol import SILENT_PEAK, WINDOW, Pitch, Values, unvoiced

Whole = Callable[[NDArray[np.float32], Values], Pitch]
"""A take (n,) at 16 kHz and places (T,) in its samples -> pitch (T,)."""


class Windowed:
    """Hears every window for itself, with 0.32 s before it and as much after it as the default tracker."""

    window, early = WINDOW, 1
    before = WINDOW
    after = swift.RIGHT * swift.HOP

    def __init__(self, whole: Whole, octave_repair: bool) -> None:
        self._whole, self._octave_repair = whole, octave_repair
        self._places = self.before + ANALYSIS_HOP * (np.arange(SLICE, dtype=np.float64) - 1.0)

    def track(self, audio: NDArray[np.float32]) -> Pitch:
        """Pitch (32,) of one window of 12,800 samples."""
        if float(np.abs(audio).max(initial=0.0)) < SILENT_PEAK:
            return unvoiced(SLICE)
        found = self._whole(audio, self._places)
        if not self._octave_repair:
            return found
        f0_hz = octave_held(found.f0_hz, audio, self._places)
        return Pitch(f0_hz, np.where(f0_hz > 0, found.confidence, 0.0), f0_hz > 0)
