"""Trackers that look at a whole take, asked window by window, and the octave held above their ceiling.

Upstream's trackers look no higher than 1100 Hz, and FCPE hears little there: a soprano's 1150 Hz comes out as
575 Hz, or as nothing. Where a frame holds tones above 1 kHz and nothing beneath, no lower pitch can be right;
there the default tracker, which reaches 2094 Hz, has the word. Everything else stays as the tracker had it.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE, SLICE
from svcfx.chain.pitch import swift
from svcfx.chain.pitch.protocol import SILENT_PEAK, WINDOW, Pitch, Values, unvoiced

BENEATH_HZ = (150.0, 900.0)
ABOVE_HZ = (1000.0, 4500.0)
CEILING_HZ = 1100.0
WINDOW_SECONDS = 0.04
EMPTY = 0.01
"""Power beneath, against that above: a voice that sings lower has more."""
TONAL = 0.3
"""Share of the upper band in its strongest three bins: hiss has less."""
EDGE = 3
"""Frames beside such a note whose windows hear part of it: what they call lower is no pitch."""
IN_A_TAKE = 4
"""Frames of a take from one that is looked at to the next; those around a find are looked at as well. A note
of 90 ms holds one."""
AT_ONCE = 128
"""Frames that are looked at together: as many as stay in the processor's cache."""
FAINT = 1e-8
"""Power of the upper band in a frame of samples near full scale, below which nothing is looked for."""
Whole = Callable[[NDArray[np.float32], Values], Pitch]
"""A take (n,) at 16 kHz and places (T,) in its samples -> pitch (T,)."""


def octave_held(
    f0_hz: Values, audio16k: NDArray[np.float32], samples: Values, *, loud: float = 1.0, every: int = 1
) -> Values:
    """f0 (T,) of a take (n,) at 16 kHz at places (T,) in its samples, put right where it lies above 1 kHz.

    Args:
        loud: What counts as full scale.
        every: Frames from one that is looked at to the next.
    """
    high = _high(audio16k, samples, FAINT * loud**2, every)
    if not high.any():
        return f0_hz
    heard = swift.load().whole(audio16k / np.float32(loud), samples).f0_hz
    lower = f0_hz < 0.95 * ABOVE_HZ[0]
    better = high & (heard > ABOVE_HZ[0]) & (lower | (heard > CEILING_HZ))
    return np.where(better, heard, np.where(_beside(better, EDGE) & lower, 0.0, f0_hz))


def _beside(frames: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Those frames (T,) and as many on both sides of each."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(np.pad(frames, reach), 2 * reach + 1).any(1))


def _high(audio16k: NDArray[np.float32], samples: Values, faint: float, every: int) -> NDArray[np.bool_]:
    """Whether a frame holds tones above 1 kHz, more than `faint`, and nothing beneath, (T,)."""
    size = int(WINDOW_SECONDS * ANALYSIS_RATE)
    starts = np.clip(np.round(samples).astype(int) - size // 2, 0, len(audio16k) - size)
    frames = np.lib.stride_tricks.sliding_window_view(audio16k, size)
    found = np.zeros(len(starts), np.bool_)
    looked = np.zeros(len(starts), np.bool_)
    looked[::every] = True
    found[looked] = _tonal_at(frames, starts[looked], faint)
    rest = _beside(found, every - 1) & ~looked
    found[rest] = _tonal_at(frames, starts[rest], faint)
    return found


def _tonal_at(frames: NDArray[np.float32], starts: NDArray[np.int64], faint: float) -> NDArray[np.bool_]:
    """`_tonal` of the frames that begin at those samples."""
    from scipy import fft  # here: it takes a quarter of a second, and the default tracker needs none

    size = frames.shape[1]
    window = np.hanning(size).astype(np.float32) / np.float32(size)
    pieces = [starts[first : first + AT_ONCE] for first in range(0, len(starts), AT_ONCE)]
    found = [_tonal(fft.rfft(frames[at] * window), faint) for at in pieces]
    return np.concatenate([*found, np.zeros(0, np.bool_)])


def _tonal(spectra: NDArray[np.complex64], faint: float) -> NDArray[np.bool_]:
    """Whether spectra (T, bins) hold tones above 1 kHz and nothing beneath, (T,)."""
    beneath = _power(spectra, *BENEATH_HZ).sum(1)
    upper = _power(spectra, *ABOVE_HZ)
    total = upper.sum(1)
    high: NDArray[np.bool_] = (total > faint) & (beneath < EMPTY * total)
    tops = upper[high]
    high[high] = (tops[:, :-2] + tops[:, 1:-1] + tops[:, 2:]).max(1) > TONAL * total[high]
    return high


def _power(spectra: NDArray[np.complex64], low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Power of the bins between two frequencies, their own not counted: (T, bins)."""
    step = 1.0 / WINDOW_SECONDS
    band = spectra[:, int(low_hz / step) + 1 : math.ceil(high_hz / step)]
    return np.asarray(band.real**2 + band.imag**2)


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
