"""What a pitch tracker is: a window of audio in, 32 frames of pitch out, nothing remembered.

Every window has one shape and lies on one absolute grid, in one-shot conversion and in streams alike.
Phase adds pitch up, so frames must be equal to the bit, not nearly equal, for two renders to cancel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, SLICE

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
VOICED_FROM = 0.5
SURE_FROM, SURE_SHARE = 0.8, 0.25
"""Confidence from which a pitch is sure, and the share of voiced frames that must be for the others to go."""
SILENT_PEAK = 1e-4
"""A window whose samples all lie below -80 dBFS has no pitch."""


@dataclass(frozen=True, slots=True, eq=False)
class Pitch:
    """Pitch at 10 ms frames: `f0_hz` (T,), 0 where unvoiced; `confidence` (T,) 0..1; `voiced` (T,)."""

    f0_hz: Values
    confidence: Values
    voiced: Flags

    def sure(self) -> "Pitch":
        """The same with those frames alone voiced whose pitch is sure, where there are enough of them."""
        certain = self.voiced & (self.confidence >= SURE_FROM)
        enough = certain.sum() >= max(1.0, SURE_SHARE * self.voiced.sum())
        return Pitch(self.f0_hz, self.confidence, certain) if enough else self

    def of_voiced(self) -> "Pitch":
        """The same without the frames that are not voiced."""
        return Pitch(self.f0_hz[self.voiced], self.confidence[self.voiced], self.voiced[self.voiced])

    def report(self, middle_share: float = 0.9) -> "PitchReport":
        """Figures of the voiced frames, `middle_share` of them between low and high; zeros when none is."""
        heard = self.f0_hz[self.voiced]
        if heard.size == 0:
            return PitchReport(0.0, 0.0, 0.0, 0.0, 0.0)
        edge = 50.0 * (1.0 - middle_share)
        low, middle, high = np.percentile(heard, [edge, 50.0, 100.0 - edge])
        share, sure = self.voiced.mean(), self.confidence[self.voiced].mean()
        return PitchReport(float(share), float(middle), float(low), float(high), float(sure))


def joined(parts: Sequence[Pitch]) -> Pitch:
    """Frames of several stems in a row."""
    parts = [unvoiced(0), *parts]
    return Pitch(
        np.concatenate([part.f0_hz for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.voiced for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class PitchReport:
    """A stem's pitch in five numbers: share of voiced frames, median, low and high in Hz (the 5th and 95th
    percentile unless other ones were asked for), mean confidence of the voiced frames."""

    voiced_fraction: float
    median_hz: float
    low_hz: float
    high_hz: float
    confidence: float


class PitchTracker(Protocol):
    """Window w gets 16 kHz audio from sample `window` w - `before` to `window` (w + 1) + `after`.

    A window is mostly 5120 samples. It answers for as many frames as it holds, from `early` frames before it
    on (behind its first, where that is below 0): mostly 32 w - 1 to 32 w + 30, as the last frame of a window
    may need pitch beyond it.
    """

    window: int
    early: int
    before: int
    after: int

    def track(self, audio: NDArray[np.float32]) -> Pitch:
        """Pitch (T,) of one window."""
        ...


WINDOW = SLICE * ANALYSIS_HOP


def unvoiced(frames: int) -> Pitch:
    """Frames without pitch."""
    return Pitch(np.zeros(frames), np.zeros(frames), np.zeros(frames, np.bool_))
