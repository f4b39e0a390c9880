"""How a result's pitch stands to its source's: what moved, what missed, what leapt by an octave.

Shares are those of speech research: W. Chu and A. Alwan, "Reducing F0 frame error of F0 tracking algorithms
under noisy conditions", ICASSP 2009.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.report.subject import FRAME_SECONDS

Array = NDArray[np.float64]
GROSS = 0.2
"""Further away than this share of the frequency that was asked for is a gross error."""
_OCTAVE_CENTS, _NEAR_CENTS = 1200.0, 150.0
_JUMP_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Intonation:
    """Pitch of a result; cents are None where nothing is voiced in both.

    Attributes:
        moved_cents: Median of the result against its source.
        error_cents: Median distance from what was asked for.
        gpe: Gross pitch error: of the frames voiced in both, the share more than 20 % away.
        vde: Voicing decision error: of all frames, the share voiced in one alone.
        ffe: F0 frame error: the share of all frames with either error.
        octave_jumps: How often it goes an octave away for 50 ms or more.
        voiced_seconds: How long both are voiced.
    """

    moved_cents: float | None
    error_cents: float | None
    gpe: float
    vde: float
    ffe: float
    octave_jumps: int
    voiced_seconds: float


def deviation(source: Array, result: Array, asked: Array) -> Array:
    """Cents by which a result lies away from its source and the semitones asked for, (n,); NaN if unvoiced.

    Args:
        source: MIDI numbers with fraction at each frame, NaN where nothing is voiced.
        result: The same of the result.
        asked: Semitones at each frame.
    """
    return np.asarray(100.0 * (result - source - asked), np.float64)


def measure(source: Array, result: Array, asked: Array) -> Intonation:
    """Figures of a result, of frames as in `deviation`."""
    away = deviation(source, result, asked)
    both = np.isfinite(away)
    gross = both & (np.abs(2.0 ** (np.where(both, away, 0.0) / 1200.0) - 1.0) > GROSS)
    alone = np.isfinite(source) != np.isfinite(result)
    return Intonation(
        moved(source, result),
        _median(np.abs(away[both])),
        float(gross.sum() / max(both.sum(), 1)),
        float(alone.mean()) if alone.size else 0.0,
        float((gross | alone).mean()) if alone.size else 0.0,
        _jumps(np.where(both, away, 0.0)),
        float(both.sum() * FRAME_SECONDS),
    )


def moved(source: Array, result: Array) -> float | None:
    """Median of the result against its source in cents, of MIDI numbers as in `deviation`."""
    cents = 100.0 * (result - source)
    return _median(cents[np.isfinite(cents)])


def _median(values: Array) -> float | None:
    return float(np.median(values)) if values.size else None


def _jumps(away: Array) -> int:
    """Runs of frames an octave away, up or down."""
    there = np.abs(np.abs(away) - _OCTAVE_CENTS) < _NEAR_CENTS
    edges = np.diff(np.concatenate([[0], there.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return int(np.sum(lengths >= _JUMP_FRAMES))
