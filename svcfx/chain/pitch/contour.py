"""The sung line as it becomes known: tracker windows in, repaired f0 and phase out, at absolute frames."""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, VOICE_HOP, VOICE_RATE
from svcfx.chain.pitch import Pitch, PitchTracker, octaves
from svcfx.chain.pitch.protocol import Values
from svcfx.chain.track import RowBuffer
from svcfx.keeping import Arrays, Keeper, afresh

VERSION = 1
"""Of what trackers give for a window."""


def tracking_gain(level_db: float) -> np.float32:
    """Power of two that brings a stem to about -20 dBFS: trackers take what lies below -60 dB for silence.

    A power of two leaves every mantissa as it is, so a stem and its louder copy have one pitch.
    """
    return np.float32(2.0 ** np.clip(np.round((-20.0 - level_db) / 6.02), -4.0, 10.0))


class Contour:
    """f0 of a stem, window after window.

    A frame is repaired with 120 ms of its future, and settled then; `at_once`, nothing is repaired, and it is
    settled as soon as it is heard. What the tracker is `called` is what its pitch is kept by.
    """

    def __init__(
        self,
        tracker: PitchTracker,
        repair: bool,
        level_db: float,
        called: str = "",
        *,
        at_once: bool = False,
    ) -> None:
        self._called = called
        self._tracker, self._repair, self._gain = tracker, repair and not at_once, tracking_gain(level_db)
        self._ahead = 0 if at_once else octaves.LOOKAHEAD
        self._raw = RowBuffer(dtype=np.float64)
        self._windows = 0
        self.f0 = RowBuffer(dtype=np.float64)
        self.confidence = RowBuffer(dtype=np.float64)

    @property
    def _frames(self) -> int:
        """Of a window."""
        return self._tracker.window // ANALYSIS_HOP

    @property
    def windows(self) -> int:
        """Windows done."""
        return self._windows

    def needs(self, windows: int) -> int:
        """Samples at 16 kHz that must have come in before that many windows can be done."""
        return windows * self._tracker.window + self._tracker.after

    def settled(self, windows: int) -> int:
        """10 ms frames that are settled after that many windows."""
        return windows * self._frames - self._tracker.early - self._ahead

    def advance(self, audio: RowBuffer, windows: int = 1, keep: Keeper = afresh) -> None:
        """Do the next windows on `audio`, the analysis signal; `keep` may know their pitch already."""
        first = self._windows * self._tracker.window
        stop = first + windows * self._tracker.window + self._tracker.after
        samples = np.asarray(audio.read(first - self._tracker.before, stop) * self._gain, np.float32)
        keep = keep if self._called and samples.any() else afresh
        facts = (self._called, self._repair, windows, samples)
        found = keep("pitch", VERSION, facts, lambda: self._tracked(samples, windows))
        for window in range(windows):
            rows = slice(window * self._frames, (window + 1) * self._frames)
            self._settle(found["f0_hz"][rows], found["confidence"][rows])

    def _tracked(self, samples: NDArray[np.float32], windows: int) -> Arrays:
        """f0 and confidence of windows in order."""
        step = self._tracker.window
        length = step + self._tracker.before + self._tracker.after
        found = [self._tracker.track(samples[w * step :][:length]) for w in range(windows)]
        return {
            "f0_hz": np.concatenate([pitch.f0_hz for pitch in found]),
            "confidence": np.concatenate([pitch.confidence for pitch in found]),
        }

    def _settle(self, f0_hz: Values, confidence: Values) -> None:
        """Take the next window's frames."""
        skip = 0
        if self._windows == 0:
            skip = max(self._tracker.early, 0)  # the first window also answers for frames before the stem
            unheard = np.zeros(max(-self._tracker.early, 0))
            self._raw.append(unheard)
            self.confidence.append(unheard)
        self._raw.append(f0_hz[skip:])
        self.confidence.append(confidence[skip:])
        self._windows += 1
        stop = self._raw.end - self._ahead
        if self._repair:
            self.f0.append(
                octaves.repair(self._raw.read(self.f0.end - octaves.LOOKBACK, stop + octaves.LOOKAHEAD))
            )
        else:
            self.f0.append(self._raw.read(self.f0.end, stop))
        self._raw.forget(stop - octaves.LOOKBACK)

    def pitch(self, frames: int) -> Pitch:
        """The first `frames` frames, when nothing was forgotten."""
        f0 = self.f0.read(0, frames)
        return Pitch(f0, self.confidence.read(0, frames), f0 > 0)

    def forget(self, before: int) -> None:
        """Drop frames before that index."""
        self.f0.forget(before)
        self.confidence.forget(before)


class Phase:
    """Cycles at frame centres, begun anew at each voiced stretch.

    A double adds up frame by frame, so that phase depends neither on slices nor on what was sung before
    the last breath.
    """

    def __init__(self, start: int) -> None:
        self.cycles = RowBuffer(dtype=np.float64)
        self.cycles.start = start
        self._last_hz = self._last_cycles = 0.0

    def advance(self, f0_hz: Values) -> None:
        """Add frames from `cycles.end` on, f0 (T,) as sung."""
        out: NDArray[np.float64] = np.zeros(len(f0_hz))
        for index, hz in enumerate(f0_hz.tolist()):
            if hz > 0.0 and self._last_hz > 0.0:
                step = 0.5 * (self._last_hz + hz) * VOICE_HOP / VOICE_RATE
                self._last_cycles = (self._last_cycles + step) % 1.0
            elif hz > 0.0:
                self._last_cycles = 0.0
            self._last_hz = hz
            out[index] = self._last_cycles
        self.cycles.append(out)
