"""Samples read between samples, at places that need not be even steps apart.

A windowed sinc of 32 taps (Kaiser, beta 8); for steps of about one frame, as it does not filter what would
alias at wider ones. Source: J. O. Smith, https://ccrma.stanford.edu/~jos/resample/
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples

_HALF, _BETA, _PHASES = 16, 8.0, 512
_CHUNK = 1 << 13  # frames at a time: 32 weights each


def read_at(samples: Samples, places: NDArray[np.float64]) -> Samples:
    """Values of (channels, frames) at `places`, in frames; outside there is silence."""
    taps = np.arange(1 - _HALF, _HALF + 1)
    table = _table()
    padded = scratch.placed(samples, 2 * _HALF, samples.shape[1] + 4 * _HALF)
    out = scratch.zeros((samples.shape[0], len(places)))
    for start in range(0, len(places), _CHUNK):
        here = np.clip(places[start : start + _CHUNK], -_HALF, samples.shape[1] + _HALF - 1)
        whole = np.floor(here).astype(np.intp)
        phase = (here - whole) * _PHASES
        row = np.minimum(phase.astype(np.intp), _PHASES - 1)
        beside = (phase - row).astype(np.float32)[:, np.newaxis]
        weights = table[row] + beside * (table[row + 1] - table[row])
        at = whole[:, np.newaxis] + (taps + 2 * _HALF)
        for channel, heard in zip(padded, out, strict=True):
            heard[start : start + _CHUNK] = np.einsum("ft,ft->f", channel[at], weights)
    return out


@cache
def _table() -> NDArray[np.float32]:
    """Weights (phases + 1, taps) of the places between two samples."""
    taps = np.arange(1 - _HALF, _HALF + 1)
    away = taps - np.linspace(0.0, 1.0, _PHASES + 1)[:, np.newaxis]
    window = np.i0(_BETA * np.sqrt(np.maximum(1.0 - (away / _HALF) ** 2, 0.0))) / np.i0(_BETA)
    return np.asarray(np.sinc(away) * window, np.float32)
