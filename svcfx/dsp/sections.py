"""A key that moves, cut into sections that stand still or glide: what a pitch shifter can be given."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import ParamError
from svcfx.lanes import Curve

MAX_SEMITONES = 24.0
BORDER_SECONDS = 0.1
"""A glide shorter than this is a border between two sections."""
MAX_SEMITONES_PER_SECOND = 6.0
"""A glide that is faster somewhere becomes a staircase."""
_GRID_SECONDS = 0.001
_STEP_SEMITONES, _STEP_SECONDS = 0.25, 0.05  # a stair of a long glide: a quarter semitone, at least 50 ms
_EXACT = 0.005  # half a cent: below it the key is the song's own, and samples pass untouched


class ShiftedSpan(NamedTuple):
    """Frames from `start` up to `stop`, shifted by `semitones`; where it `glides`, that is the mean."""

    start: int
    stop: int
    semitones: float
    glides: bool = False

    @property
    def frames(self) -> int:
        """Length."""
        return self.stop - self.start

    @property
    def untouched(self) -> bool:
        """Whether it is in the song's own key."""
        return self.semitones == 0.0 and not self.glides


class _Piece(NamedTuple):
    """A section by its first index on the grid; `joins` says that the key is the same just before it."""

    first: int
    semitones: float
    glides: bool = False
    joins: bool = False


def sections(
    lane: Curve, frames: int, sample_rate: float, *, stairs: bool = False
) -> tuple[ShiftedSpan, ...]:
    """Cut `frames` frames into sections of constant key, without gaps; neighbours differ.

    A border lies where its glide begins, to the sample. A long glide is a section with what it leads from
    and to, but for the song's own key; with `stairs`, or where it is too fast, a staircase.

    Raises:
        ParamError: The lane leaves -24 to 24 semitones or is not finite.
    """
    if frames == 0:
        return ()
    count = math.ceil(frames / sample_rate / _GRID_SECONDS) + 1
    values = np.asarray(lane.at(np.arange(count, dtype=np.float64) * _GRID_SECONDS), np.float64)
    if not (np.isfinite(values).all() and np.abs(values).max() <= MAX_SEMITONES):
        worst = values[int(np.argmax(~np.isfinite(values) | (np.abs(values) > MAX_SEMITONES)))]
        raise ParamError(f"the key is {worst:g} st, outside -{MAX_SEMITONES:g} to {MAX_SEMITONES:g} st")
    steep = np.abs(np.diff(values)) > MAX_SEMITONES_PER_SECOND * _GRID_SECONDS + 1e-9
    values[np.abs(values) < _EXACT] = 0.0
    pieces = _merged(_pieces(values, steep | stairs))
    later = [_frame(lane, piece.first, values[piece.first - 1], sample_rate) for piece in pieces[1:]]
    cut = [min(max(start, 0), frames) for start in (0, *later, frames)]
    return tuple(
        ShiftedSpan(first, last, piece.semitones, piece.glides)
        for first, last, piece in zip(cut, cut[1:], pieces, strict=False)
        if last > first
    )


def _pieces(values: NDArray[np.float64], steep: NDArray[np.bool_]) -> list[_Piece]:
    """Held stretches whole, long glides whole or, where they are steep, as stairs."""
    edges = np.flatnonzero(np.abs(np.diff(values)) > 1e-9) + 1
    bounds = [0, *(int(edge) for edge in edges), len(values)]
    least = round(BORDER_SECONDS / _GRID_SECONDS)
    pieces: list[_Piece] = []
    glide = 0  # where the glide in hand began
    for start, stop in pairwise(bounds):
        if stop - start < least and stop < len(values):
            continue
        glides = False
        if start - glide >= least or not (pieces or start == glide):
            glides = not steep[max(glide - 1, 0) : start].any()
            whole = [_Piece(glide, float(values[glide:start].mean()), glides=True, joins=True)]
            pieces += whole if glides else _stairs(values, glide, start)
        elif start > glide:
            start = glide  # a short glide belongs to what it leads to
        pieces.append(_Piece(start, float(values[stop - 1]), joins=glides))
        glide = stop
    return pieces


def _stairs(values: NDArray[np.float64], start: int, stop: int) -> list[_Piece]:
    travel = float(np.abs(np.diff(values[start:stop])).sum())
    longest = max((stop - start) // round(_STEP_SECONDS / _GRID_SECONDS), 1)
    count = min(max(math.ceil(travel / _STEP_SEMITONES), 1), longest)
    bounds = np.linspace(start, stop, count + 1).round().astype(int)
    return [_Piece(int(a), float(values[a:b].mean())) for a, b in pairwise(bounds)]


def _merged(pieces: list[_Piece]) -> list[_Piece]:
    """Equal neighbours as one, and glides with what they join; the song's own key stays by itself."""
    kept = pieces[:1]
    for piece in pieces[1:]:
        before = kept[-1]
        if piece.joins and all(one.glides or one.semitones for one in (before, piece)):
            kept[-1] = before._replace(glides=True)
        elif before.glides or piece.glides or abs(piece.semitones - before.semitones) > 1e-9:
            kept.append(piece)
    return kept


def _frame(lane: Curve, index: int, before: float, sample_rate: float) -> int:
    """First frame between two grid points at which the lane has left `before`."""
    low, high = (index - 1) * _GRID_SECONDS, index * _GRID_SECONDS
    first, last = math.ceil(low * sample_rate), math.ceil(high * sample_rate)
    inside = np.arange(first, last + 1, dtype=np.float64)
    moved = np.abs(np.asarray(lane.at(inside / sample_rate), np.float64) - before) > _EXACT
    return int(inside[int(np.argmax(moved))]) if moved.any() else last
