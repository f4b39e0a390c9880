"""Lanes of gain: straight lines of dB in a session, straight lines of the factor itself in a mixer.

Between two points the lines differ, so points are put between them, close enough that the two ways stay
within 0.01 dB. On the way back points that lie on one line go again.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from svcfx.dsp.levels import db_from_gain, gain_from_db
from svcfx.errors import InputError
from svcfx.lanes import Lane

Point = tuple[float, float]
SILENT_DB, LOUDEST_DB = -120.0, 40.0
"""What a session calls silence, and its loudest fader."""
MOST_POINTS = 100_000
"""Of one lane, in a file and in a session."""
_STEP_DB, _NEAR_DB = 0.5, 1.0
_ON_A_LINE = 1e-5
_MOST_BETWEEN = 400_000
_DIGITS = 9


def decibels(gain: float) -> float:
    """A factor in dB, no lower than silence, freed from the last digits' noise."""
    return round(max(db_from_gain(gain), SILENT_DB), _DIGITS)


def gains(points: Sequence[Point]) -> list[Point]:
    """Points in dB, straight lines between, as points of factors with straight lines between."""
    found = [(time, gain_from_db(db)) for time, db in points[:1]]
    most = max(_MOST_BETWEEN // max(len(points), 1), 1)
    for (start, low), (end, high) in pairwise(points):
        count = min(max(math.ceil(abs(high - low) / _STEP_DB), 1), most) if end > start else 1
        for step in range(1, count):
            share = step / count
            found.append((start + share * (end - start), gain_from_db(low + share * (high - low))))
        found.append((end, gain_from_db(high)))
    return found


def in_decibels(points: Sequence[Point], held: bool, what: str) -> list[Point]:
    """Points of factors as points in dB: each by itself where all are held, else as `lines`."""
    return [(time, decibels(gain)) for time, gain in points] if held else lines(points, what)


def lane(points: Sequence[Point], held: bool, what: str) -> Lane:
    """Points of a session as a lane, held or with straight lines between.

    Raises:
        InputError: They are more than a session takes.
    """
    require_few(len(points), what)
    return Lane(tuple(points), "step" if held else "linear")


def lines(points: Sequence[Point], what: str) -> list[Point]:
    """Points of factors, straight lines between, as points in dB with straight lines between.

    Raises:
        InputError: They are, or become, more points than a session takes; counted before any is made.
    """
    require_few(len(points), what)
    between = sum(_steps(*pair) - 1 for pair in pairwise(points))
    require_few((len(points) + between) // (_MOST_BETWEEN // MOST_POINTS), what)
    found = [(time, decibels(gain)) for time, gain in points[:1]]
    for before, after in pairwise(points):
        found += _between(before, after)
        found.append((after[0], decibels(after[1])))
    made = simplified(found)
    require_few(len(made), what)
    return made


def require_few(points: int, what: str) -> None:
    """Raise `InputError` when a lane of `what` has more points than a session takes."""
    if points > MOST_POINTS:
        raise InputError(
            f"{what} has more points than {MOST_POINTS:,}",
            hint="thin its automation out in the program that it comes from, or take it away there",
        )


def _steps(before: Point, after: Point) -> int:
    """Parts of even dB that a line of factors is told in; 1 where it is nearly straight, or no line."""
    if after[0] <= before[0]:
        return 1
    span = abs(decibels(after[1]) - decibels(before[1]))
    return math.ceil(span / _STEP_DB) if span > _NEAR_DB else 1


def _between(before: Point, after: Point) -> Iterator[Point]:
    """Points on the line of factors, in even steps of dB."""
    (start, first), (end, last) = before, after
    low, high = decibels(first), decibels(last)
    count = _steps(before, after)
    for step in range(1, count):
        db = low + step / count * (high - low)
        share = min(max((gain_from_db(db) - first) / (last - first), 0.0), 1.0)
        yield start + share * (end - start), round(db, _DIGITS)


def corners(marks: Sequence[tuple[float, float, bool]]) -> tuple[list[Point], bool]:
    """Points of marks, and whether all of them are held.

    A mark is a time, a value, and whether that is held until the next one; else a line leads there. Among
    lines a held value goes on until the next one, at its very time.
    """
    held = all(is_held for _, _, is_held in marks[:-1] or marks)
    drawn: list[Point] = []
    for count, (time, value, _) in enumerate(marks):
        if count and marks[count - 1][2] and not held:
            drawn.append((time, marks[count - 1][1]))
        drawn.append((time, value))
    return drawn, held


def simplified(points: Iterable[Point]) -> list[Point]:
    """The same lines without points that lie on them."""
    ordered = list(points)
    kept, last = ordered[:1], None
    low, high = -math.inf, math.inf
    for point in ordered[1:]:
        if last is not None and not _leads(kept[-1], point, low, high):
            kept.append(last)
            low, high = -math.inf, math.inf
        span = point[0] - kept[-1][0]
        if span <= 0:
            kept.append(point)
            last, low, high = None, -math.inf, math.inf
            continue
        rise = point[1] - kept[-1][1]
        low, high = max(low, (rise - _ON_A_LINE) / span), min(high, (rise + _ON_A_LINE) / span)
        last = point
    return [*kept, last] if last is not None else kept


def _leads(start: Point, point: Point, low: float, high: float) -> bool:
    """Whether a line from `start` to `point` passes all that lies between."""
    span = point[0] - start[0]
    return span > 0 and low <= (point[1] - start[1]) / span <= high
