"""A growing array addressed by absolute index, of which only the recent past is kept."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class RowBuffer:
    """Rows from `start` to `end`; reading before `start` gives `fill`, so a stem begins with real silence."""

    def __init__(self, row: tuple[int, ...] = (), dtype: DTypeLike = np.float32, fill: float = 0.0) -> None:
        self._rows: NDArray[Any] = np.zeros((0, *row), dtype)
        self._fill = fill
        self.start = 0

    @property
    def end(self) -> int:
        """Index after the last row."""
        return self.start + len(self._rows)

    @property
    def rows(self) -> NDArray[Any]:
        """What is kept, row 0 being `start`; may be written to."""
        return self._rows

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows at `end`."""
        self._rows = np.concatenate([self._rows, rows.astype(self._rows.dtype, copy=False)])

    def read(self, first: int, stop: int) -> NDArray[Any]:
        """Rows `first` to `stop`, a copy; `stop` is at most `end`."""
        assert stop <= self.end, f"rows to {stop} asked, {self.end} there"
        out = np.full((stop - first, *self._rows.shape[1:]), self._fill, self._rows.dtype)
        begin = max(first, self.start)
        if begin < stop:
            out[begin - first :] = self._rows[begin - self.start : stop - self.start]
        return out

    def forget(self, before: int) -> None:
        """Drop rows before that index; they were read for the last time."""
        drop = min(max(before - self.start, 0), len(self._rows))
        if drop:
            self._rows = self._rows[drop:].copy()
            self.start += drop
