"""Where the moments of a recording lie once it is played at another tempo."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import ParamError

Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Seconds of a recording against seconds of the song in which it is played.

    Straight lines between `points` (recorded, played), in time order; before the first and behind the last
    the lines go on.

    >>> slower = TimeMap.of_ratio(0.5)
    >>> slower.played(3.0), slower.recorded(6.0)
    (6.0, 3.0)
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise ParamError(f"a time map has {len(self.points)} points, needs two")
        for (first, early), (second, late) in pairwise(self.points):
            if not (second > first and late > early):
                raise ParamError(f"a time map stands still or turns back at {first:g} s")

    @classmethod
    def of_ratio(cls, ratio: float) -> "TimeMap":
        """All at `ratio` times the recorded tempo."""
        return cls(((0.0, 0.0), (1.0, 1.0 / ratio)))

    @property
    def is_identity(self) -> bool:
        """Whether everything stays where it is, to a nanosecond."""
        return all(abs(recorded - played) < 1e-9 for recorded, played in self.points)

    def played(self, recorded: float) -> float:
        """Song second of a recorded one."""
        return float(self.played_at(np.array([recorded]))[0])

    def recorded(self, played: float) -> float:
        """Recorded second of one of the song."""
        return float(self.recorded_at(np.array([played]))[0])

    def played_at(self, recorded: Seconds) -> Seconds:
        """Song seconds of recorded ones, same shape."""
        before, after = np.array(self.points).T
        return _along(recorded, before, after)

    def recorded_at(self, played: Seconds) -> Seconds:
        """Recorded seconds of those of the song, same shape."""
        before, after = np.array(self.points).T
        return _along(played, after, before)

    def within(self, start: float, stop: float) -> "TimeMap":
        """The map of a recording that begins at recorded second `start` and ends at `stop`, both of whose
        times begin at 0."""
        inside = [point for point in self.points if start < point[0] < stop]
        ends = [(at, self.played(at)) for at in (start, stop)]
        whole = (ends[0], *inside, ends[1])
        return TimeMap(tuple((recorded - start, played - ends[0][1]) for recorded, played in whole))


NO_CHANGE = TimeMap(((0.0, 0.0), (1.0, 1.0)))
"""The recording's own time."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Samples that are played at another tempo, and the recording that they were stretched from.

    Attributes:
        played: Shape (channels, frames).
        read: Gives the recording, shape (channels, n), at the same rate.
        time: Seconds of the recording against those of `played`.
    """

    played: NDArray[np.float32]
    read: Callable[[], NDArray[np.float32]]
    time: TimeMap

    def is_of(self, samples: NDArray[Any]) -> bool:
        """Whether these are the samples, to the bit."""
        return np.array_equal(samples, self.played)


def _along(at: Seconds, before: Seconds, after: Seconds) -> Seconds:
    """Places `at` on the axis `before`, on the axis `after`."""
    when = np.asarray(at, np.float64)
    index = np.clip(np.searchsorted(before, when, side="right") - 1, 0, len(before) - 2)
    slope = (np.diff(after) / np.diff(before))[index]
    return np.asarray(after[index] + (when - before[index]) * slope, np.float64)
