"""What the page of a dataset draws, in the drawing's own units: a piano keyboard, and histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from svcfx.chain.scales import note_name

WIDTH, BARS, KEYS = 960.0, 150.0, 74.0
"""The drawing's width; the height of its bars, and of the keys below them."""
_BLACK = (1, 3, 6, 8, 10)
_LEAST_OCTAVES = 3
CHART_WIDTH, CHART_HEIGHT = 440.0, 130.0


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the bar above it; heights downwards from the top of the drawing."""

    name: str
    black: bool
    x: float
    width: float
    height: float
    bar_x: float
    bar_width: float
    bar_height: float
    seconds: float
    inside: bool

    @property
    def is_c(self) -> bool:
        """Whether the key's name is written on it."""
        return not self.black and self.name.startswith("C")


def keys(notes: Mapping[int, float], low: int, high: int) -> list[Key]:
    """Keys of whole octaves around the sung notes, white ones first, for they lie under the black.

    Args:
        notes: Seconds by MIDI number.
        low, high: Notes of the singer's range, whose bars stand out.
    """
    first, last = _octaves(notes)
    whites = sum(number % 12 not in _BLACK for number in range(first, last))
    step, place, found = WIDTH / whites, 0.0, []
    most = max(notes.values(), default=1.0)
    for number in range(first, last):
        black = number % 12 in _BLACK
        width = 0.58 * step if black else step
        x = place - width / 2 if black else place
        seconds = notes.get(number, 0.0)
        bar = 0.44 * step
        found.append(
            Key(note_name(number), black, x, width, (0.62 if black else 1.0) * KEYS, x + (width - bar) / 2,
                bar, BARS * seconds / most, seconds, low <= number <= high)
        )  # fmt: skip
        place += 0.0 if black else step
    return sorted(found, key=lambda key: key.black)


def _octaves(notes: Mapping[int, float]) -> tuple[int, int]:
    """First C, and the C after the last B."""
    first = min(notes, default=48) // 12 * 12
    last = (max(notes, default=71) // 12 + 1) * 12
    while last - first < 12 * _LEAST_OCTAVES:
        first, last = (first - 12, last) if first >= 48 else (first, last + 12)
    return first, last


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """One bar: from `low` to `high` of the scale, and how many or how much lies there."""

    low: float
    high: float
    amount: float
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars, numbers below them as (x, text), and a line at a limit."""

    title: str
    unit: str
    bars: tuple[HistogramBar, ...]
    ticks: tuple[tuple[float, str], ...]
    limit_x: float | None = None
    limit_text: str = ""


def histogram(
    title: str,
    unit: str,
    values: Sequence[float],
    edges: Sequence[float],
    *,
    limit: float | None = None,
    limit_text: str = "",
) -> Histogram:
    """How many values lie between each two edges; what lies beyond them counts in the outer bars."""
    scale = np.asarray(edges, np.float64)
    inside = np.clip(np.asarray(values, np.float64), scale[0], np.nextafter(scale[-1], scale[0]))
    counts = np.histogram(inside, scale)[0]
    most = max(int(counts.max(initial=0)), 1)
    x = (scale - scale[0]) / (scale[-1] - scale[0]) * CHART_WIDTH
    bars = tuple(
        HistogramBar(
            low=float(scale[k]),
            high=float(scale[k + 1]),
            amount=int(count),
            x=float(x[k]) + 1,
            width=float(x[k + 1] - x[k]) - 2,
            height=float(count) / most * CHART_HEIGHT,
        )
        for k, count in enumerate(counts)
    )
    every = max(1, len(edges) // 8)
    ticks = tuple((float(x[k]), f"{scale[k]:g}") for k in range(0, len(edges), every))
    limit_x = None if limit is None else float(np.interp(limit, scale, x))
    return Histogram(title, unit, bars, ticks, limit_x, limit_text)
