"""A vibrato that is added to the sung line: a sine whose phase counts from the start of the stem."""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.voice import Curves
from svcfx.lanes import Curve

Values = NDArray[np.float64]
_STEP_SECONDS = 0.01
"""How often a rate that moves is read."""


def semitones(curves: Curves, seconds: Values) -> Values:
    """What it adds to the line at `seconds` (T,), 0 exactly where `vibrato_depth` is."""
    depth = np.asarray(curves["vibrato_depth"].at(seconds), np.float64)
    if not depth.any():
        return np.zeros(len(depth))
    return depth / 100.0 * np.sin(2.0 * np.pi * _cycles(curves["vibrato_rate"], seconds))


def _cycles(rate_hz: Curve, seconds: Values) -> Values:
    """The rate added up from second 0, straight lines between the places where it is read."""
    if rate_hz.is_constant:
        return np.asarray(rate_hz.at(np.zeros(1))[0] * seconds)
    grid = np.arange(int(seconds.max() / _STEP_SECONDS) + 2, dtype=np.float64) * _STEP_SECONDS
    rates = np.asarray(rate_hz.at(grid), np.float64)
    added = np.concatenate([[0.0], np.cumsum(0.5 * (rates[1:] + rates[:-1]) * _STEP_SECONDS)])
    return np.asarray(np.interp(seconds, grid, added), np.float64)
