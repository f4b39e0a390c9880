"""Decibels and gains: what a fader means in samples.

Amplitudes are relative to full scale 1.0. Silence is -inf dB, never a made-up floor.
"""

import math

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples


def gain_from_db(db: float) -> float:
    """Factor of a gain in dB; -inf is 0.

    >>> gain_from_db(-20.0)
    0.1
    """
    return 0.0 if db == -math.inf else float(10.0 ** (db / 20.0))


def db_from_gain(gain: float) -> float:
    """Gain in dB of a factor from 0; 0 is -inf."""
    return -math.inf if gain <= 0 else 20.0 * math.log10(gain)


def peak(samples: NDArray[np.floating]) -> float:
    """Largest sample of (channels, frames) without its sign; 0 where there are none."""
    return float(max(samples.max(), -samples.min())) if samples.size else 0.0


def peak_dbfs(samples: Samples) -> float:
    """Largest sample of (channels, frames), in dB of full scale; -inf for silence or no frames.

    >>> import numpy as np
    >>> round(peak_dbfs(np.array([[0.0, -0.1]], np.float32)), 3)
    -20.0
    """
    return db_from_gain(peak(samples))
