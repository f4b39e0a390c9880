"""Hold the octave of what is sung above the ceiling of a tracker.

Upstream's trackers look no higher than 1100 Hz, and FCPE hears little there: a soprano's 1150 Hz comes out as
575 Hz, or as nothing. Where a frame holds tones above 1 kHz and nothing beneath, no lower pitch can be right;
there the default tracker, which reaches 2094 Hz, has the word. Everything else stays as the tracker had it.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_RATE
from svcfx.chain.pitch import swift
from svcfx.chain.pitch.protocol import Values

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
FAINT = 1e-8
"""Power of the upper band in a frame of samples near full scale, below which nothing is looked for."""


def octave_held(f0_hz: Values, audio16k: NDArray[np.float32], samples: Values) -> Values:
    """f0 (T,) of a take (n,) at 16 kHz at places (T,) in its samples, put right where it lies above 1 kHz."""
    high = _high(audio16k, samples)
    if not high.any():
        return f0_hz
    heard = swift.load().whole(audio16k, samples).f0_hz
    lower = f0_hz < 0.95 * ABOVE_HZ[0]
    better = high & (heard > ABOVE_HZ[0]) & (lower | (heard > CEILING_HZ))
    near = np.lib.stride_tricks.sliding_window_view(np.pad(better, EDGE), 2 * EDGE + 1).any(1)
    return np.where(better, heard, np.where(near & lower, 0.0, f0_hz))


def _high(audio16k: NDArray[np.float32], samples: Values) -> NDArray[np.bool_]:
    """Whether a frame holds tones above 1 kHz and nothing beneath, (T,)."""
    size = int(WINDOW_SECONDS * ANALYSIS_RATE)
    padded = np.pad(audio16k, size)
    starts = np.clip(np.round(samples).astype(int) + size // 2, 0, len(padded) - size)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2 / size**2
    hz = np.fft.rfftfreq(size, 1.0 / ANALYSIS_RATE)
    beneath = power[:, (hz > BENEATH_HZ[0]) & (hz < BENEATH_HZ[1])].sum(1)
    upper = power[:, (hz > ABOVE_HZ[0]) & (hz < ABOVE_HZ[1])]
    peak = np.lib.stride_tricks.sliding_window_view(upper, 3, axis=1).sum(2).max(1)
    total = upper.sum(1)
    return np.asarray((total > FAINT) & (beneath < EMPTY * total) & (peak > TONAL * total))
