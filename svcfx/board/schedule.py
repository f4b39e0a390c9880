"""When a native plugin that is moved is given which value.

All is counted from the first frame of the audio in units of some frames, so that a stream of any blocks
has the times of the whole. A jump stands at its own sample; but where fewer frames than pedalboard can tell
from channels would be left before or behind it, it moves there.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from svcfx.lanes import Curve

_STEEP, _FLAT = 8.0, 1e-6
_WINDOW = 1 << 14  # units of a curve looked at in one go
Piece = tuple[int, int, list[float]]


class Schedule:
    """Curves (seconds from the first frame) read for plugins that hold one value for a call.

    Args:
        curves: One for each parameter that is moved.
        rate: Hz.
        least: The fewest frames in a row that hold one value.
        unit: Frames; streams come in whole units.
        cell: Frames from one knot to the next, whole units.
        copies: How many plugins take turns: each holds the value of one knot while the `copies` cells
            that end behind it last. One alone holds the value in the middle of each cell.
    """

    def __init__(
        self, curves: Sequence[Curve], rate: float, least: int, unit: int, cell: int, copies: int
    ) -> None:
        self._curves = tuple(curves)
        self._rate = rate
        self._least = least
        self._unit = unit
        self._cell = cell
        self._copies = copies

    def pieces(self, start: int, stop: int) -> list[list[Piece]]:
        """Frames `start` to `stop` as (begin, end, a value for each curve), for each of the copies."""
        jumps = self._jumps(start - self._cell, stop + self._copies * self._cell)
        return [self._pieces(copy, start, stop, jumps) for copy in range(self._copies)]

    def _pieces(self, copy: int, start: int, stop: int, jumps: list[int]) -> list[Piece]:
        knots = self._turns(copy, start, stop)
        bounds = np.unique([start, stop, *knots, *(at for at in jumps if start < at < stop)])
        values = self._at(self._held_at(copy, bounds[:-1], np.asarray([-(1 << 62), *jumps, 1 << 62])))
        moved = np.flatnonzero(np.any(np.diff(values, axis=1) != 0.0, axis=0)) + 1
        firsts = np.concatenate([[0], moved])
        begins = bounds[firsts].tolist()
        return list(zip(begins, [*begins[1:], stop], values[:, firsts].T.tolist(), strict=True))

    def _turns(self, copy: int, start: int, stop: int) -> NDArray[np.int64]:
        """Where this copy goes on to its next knot, behind `start`."""
        first = start // self._cell + 1
        first += (copy + 1 - first) % self._copies
        return np.arange(first * self._cell, stop, self._copies * self._cell)

    def _held_at(self, copy: int, begins: NDArray[np.int64], jumps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The frames whose values are held from `begins` on; never a value from beyond a jump."""
        after = np.searchsorted(jumps, begins, side="right")
        low, high = jumps[after - 1], jumps[after]
        cells = begins // self._cell
        if self._copies > 1:
            knots = (cells + (copy - cells) % self._copies) * self._cell
            return np.asarray(np.clip(knots, low, high - 1), np.float64)
        begin, end = np.maximum(cells * self._cell, low), np.minimum((cells + 1) * self._cell, high)
        return np.asarray(0.5 * (begin + end - 1), np.float64)

    def _at(self, frames: NDArray[np.float64]) -> NDArray[np.float64]:
        seconds = np.maximum(frames, 0.0) / self._rate
        return np.stack([curve.at(seconds) for curve in self._curves])

    def _jumps(self, start: int, stop: int) -> list[int]:
        """Frames in (start, stop] at which a curve has another value than a sample before, out of line."""
        found: set[int] = set()
        for first in range(start // self._unit, -(-stop // self._unit), _WINDOW):
            last = min(first + _WINDOW, -(-stop // self._unit))
            moved = np.diff(self._at(np.arange(first - 1.0, last + 2.0) * self._unit), axis=1)
            here, bent = moved[:, 1:-1], np.abs(np.diff(moved, axis=1))
            odd = np.maximum(bent[:, :-1], bent[:, 1:]) > 0.25 * np.abs(here)
            for unit in first + np.flatnonzero(np.any(odd & (here != 0.0), axis=0)):
                found.update(self._jumps_of(int(unit) * self._unit))
        return sorted(found)

    def _jumps_of(self, begin: int) -> Iterator[int]:
        values = self._at(np.arange(begin - 1.0, begin + self._unit + 2.0))
        moved = np.abs(np.diff(values, axis=1))
        here = moved[:, 1:-1]
        around = np.maximum(moved[:, :-2], moved[:, 2:])
        floor = _FLAT * np.maximum(1.0, np.abs(values[:, 2:-1]))
        before = 0
        for jump in 1 + np.flatnonzero(np.any((here > _STEEP * around) & (here > floor), axis=0)):
            offset = self._unit if jump > self._unit - self._least else int(jump)
            if offset - before >= self._least:
                yield begin + offset
                before = offset
            elif before == 0:
                yield begin
