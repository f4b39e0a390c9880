"""A parameter's value over time: breakpoints with interpolation, or one value a sample."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import ParamError

Seconds = NDArray[np.float64]
Values = NDArray[np.float64]
_SHOWN, _SHOWN_POINTS = 800, 100
"""Values of a line that a notebook draws, and points that it lists."""
_ASKED_SECONDS = 10.0
"""How far back a stream may ask what a knob that is turned was."""
Interpolation = Literal["step", "linear", "smooth"]


@runtime_checkable
class Curve(Protocol):
    """Anything that has a value at a time."""

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        ...

    def shift(self, seconds: float) -> "Curve":
        """The same curve, later by `seconds`."""
        ...

    @property
    def is_constant(self) -> bool:
        """Whether the value never changes."""
        ...


@dataclass(frozen=True, slots=True)
class Lane:
    """Breakpoints `(seconds, value)` in time order.

    Before the first point the first value holds, after the last the last. `step` holds a value
    until the next point; `linear` draws straight lines; `smooth` is `step` whose jumps are raised-cosine
    glides of `smooth_ms`; a glide starts at its point, so no change comes early.

    >>> key = Lane(((0.0, 0), (8.0, 2)), "step")
    >>> key.at([7.999, 8.0]).tolist()
    [0.0, 2.0]
    >>> Lane(((0.0, -6), (2.0, 0))).at([1.0, 5.0]).tolist()
    [-3.0, 0.0]
    >>> Lane(key.points, "smooth", smooth_ms=20).at([8.0, 8.01, 8.02]).round(6).tolist()
    [0.0, 1.0, 2.0]
    """

    points: tuple[tuple[float, float], ...]
    interpolation: Interpolation = "linear"
    smooth_ms: float = 20.0

    def __post_init__(self) -> None:
        if not self.points:
            raise ParamError("a lane has no points", hint="give at least one [seconds, value] pair")
        if self.interpolation not in ("step", "linear", "smooth"):
            raise ParamError(f"interpolation is '{self.interpolation}', allowed are step, linear, smooth")
        if not (math.isfinite(self.smooth_ms) and 0 < self.smooth_ms <= 10_000):
            raise ParamError(f"smooth_ms is {self.smooth_ms:g} ms, outside 0 to 10000 ms")
        object.__setattr__(self, "points", _as_points(self.points))
        times = [time for time, _ in self.points]
        if not all(math.isfinite(time) and math.isfinite(value) for time, value in self.points):
            raise ParamError("a lane has a point that is not finite")
        if any(later < earlier for earlier, later in pairwise(times)):
            raise ParamError("a lane's points are not in time order", hint="sort them by seconds")

    @classmethod
    def constant(cls, value: float) -> "Lane":
        """A lane that never moves."""
        return cls(((0.0, value),), "step")

    @property
    def is_constant(self) -> bool:
        """Whether every point has one value."""
        return len({value for _, value in self.points}) == 1

    @property
    def turns(self) -> tuple[tuple[float, float], ...]:
        """Begin and end, in seconds, of the stretches outside which it is made of straight lines."""
        glide = self.smooth_ms / 1000.0 if self.interpolation == "smooth" else 0.0
        return tuple((time, time + glide) for time, _ in self.points)

    def _repr_html_(self) -> str:
        """What a notebook shows: the line, and its points."""
        from svcfx import markup  # here: a render shows none

        first, last = self.points[0][0], self.points[-1][0]
        room = max(last - first, 1.0) / 20.0
        seconds = np.linspace(first - room, last + room, _SHOWN)
        values = [value for _, value in self.points]
        told = f"{self.interpolation}, {min(values):g} to {max(values):g}, {first:g} to {last:g} s"
        rows = [(f"{at:g} s", f"{value:g}") for at, value in self.points[:_SHOWN_POINTS]]
        return markup.box(
            "Lane",
            markup.said(told),
            markup.line(self.at(seconds), told),
            markup.folded(f"{len(self.points)} point{'s' * (len(values) > 1)}", markup.table(rows)),
        )

    def shift(self, seconds: float) -> "Lane":
        """The same lane, later by `seconds`.

        >>> Lane(((0.0, 0), (8.0, 2)), "step").shift(1.0).points
        ((1.0, 0.0), (9.0, 2.0))
        """
        moved = tuple((time + seconds, value) for time, value in self.points)
        return Lane(moved, self.interpolation, self.smooth_ms)

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        times = np.array([time for time, _ in self.points])
        values = np.array([value for _, value in self.points])
        when = np.asarray(seconds, np.float64)
        if self.interpolation == "linear":
            return np.asarray(np.interp(when, times, values), np.float64)
        index = np.clip(np.searchsorted(times, when, side="right") - 1, 0, len(times) - 1)
        if self.interpolation == "step":
            return np.asarray(values[index])
        return self._glided(when, times, values, index)

    def _glided(self, when: Seconds, times: Values, values: Values, index: NDArray[np.intp]) -> Values:
        """A glide that the next point cuts short goes on from where it is, beside the next.

        Each point adds its own jump as a raised cosine, so only the points of the last glide length
        are at work; all before them have arrived.
        """
        glide = self.smooth_ms / 1000.0
        jumps = np.diff(values, prepend=values[0])
        arrived = np.clip(np.searchsorted(times, when - glide, side="right") - 1, 0, len(times) - 1)
        result = np.array(values[arrived])
        for step in range(1, int(np.max(index - arrived, initial=0)) + 1):
            point = np.minimum(arrived + step, len(times) - 1)
            phase = np.clip((when - times[point]) / glide, 0.0, 1.0)
            share = 0.5 - 0.5 * np.cos(np.pi * phase)
            result += np.where(arrived + step <= index, jumps[point] * share, 0.0)
        return result


def _as_points(points: Iterable[Iterable[float]]) -> tuple[tuple[float, float], ...]:
    """Points as pairs of floats: whole numbers would make numpy refuse its own sums."""
    made = []
    for point in points:
        try:
            seconds, value = point
            made.append((float(seconds), float(value)))
        except (TypeError, ValueError) as error:
            raise ParamError(
                f"a lane's point is {point!r}, must be a pair of numbers (seconds, value)"
            ) from error
    return tuple(made)


@dataclass(frozen=True, slots=True, eq=False)
class SampledLane:
    """One value a sample, shape (frames,), at `sample_rate` Hz: what a plain array means as automation.

    >>> SampledLane(np.array([0.0, 1.0]), 2.0).at([0.0, 0.25, 0.5]).tolist()
    [0.0, 0.5, 1.0]
    """

    values: Values
    sample_rate: float
    start_seconds: float = 0.0

    def __post_init__(self) -> None:
        array = np.asarray(self.values, np.float64)
        if array.ndim != 1 or array.size == 0:
            raise ParamError(f"a sampled lane has shape {array.shape}, must be (frames,) with frames >= 1")
        if not np.isfinite(array).all():
            raise ParamError(f"a sampled lane is not finite at sample {int(np.argmin(np.isfinite(array)))}")
        object.__setattr__(self, "values", array)

    @property
    def is_constant(self) -> bool:
        """Whether every sample has one value."""
        return bool(np.all(self.values == self.values[0]))

    def shift(self, seconds: float) -> "SampledLane":
        """The same lane, later by `seconds`."""
        return SampledLane(self.values, self.sample_rate, self.start_seconds + seconds)

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape; straight lines between samples."""
        when = (np.asarray(seconds, np.float64) - self.start_seconds) * self.sample_rate
        if not when.size:
            return when
        first, last = np.clip([when.min(), when.max()], 0, len(self.values) - 1).astype(int).tolist()
        near = self.values[first : last + 2]  # a song has millions, and is asked piece by piece
        return np.asarray(np.interp(when, np.arange(first, first + len(near)), near), np.float64)


class Turned:
    """A curve that somebody turns while it is played: it holds a value until the next, and glides there as
    `smooth` lanes do. What was turned long before the last time is forgotten, for nobody asks for it again.

    >>> knob = Turned(0.0, -12.0, 12.0)
    >>> knob.put(1.0, 2.0)
    >>> knob.at([0.9, 1.02]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, value: float, low: float, high: float) -> None:
        self.low, self.high = low, high
        self._points = [(0.0, value)]

    @property
    def is_constant(self) -> bool:
        """Whether the value never changes: nobody knows."""
        return False

    def put(self, seconds: float, value: float) -> None:
        """Have it go to `value`, or as near as it may, at `seconds`, which is not before the last time."""
        at = max(seconds, self._points[-1][0])
        self._points.append((at, min(max(value, self.low), self.high)))
        while len(self._points) > 2 and self._points[1][0] < at - _ASKED_SECONDS:
            del self._points[0]

    def begin(self) -> None:
        """Count seconds from 0 again, at the value that it has come to."""
        self._points = [(0.0, self._points[-1][1])]

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        return Lane(tuple(self._points), "smooth").at(seconds)

    def shift(self, seconds: float) -> "Curve":
        """The same curve, later by `seconds`; it goes on to be turned."""
        return _Later(self, seconds)


@dataclass(frozen=True, slots=True)
class _Later:
    """A curve that is another one later."""

    curve: Turned
    seconds: float
    is_constant: bool = False

    def at(self, seconds: Seconds) -> Values:
        return self.curve.at(np.asarray(seconds, np.float64) - self.seconds)

    def shift(self, seconds: float) -> "_Later":
        return _Later(self.curve, self.seconds + seconds)
