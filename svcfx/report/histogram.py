"""Bars of equal width over a scale: positions for a drawing, in its own units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 440.0, 130.0


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
    x = (scale - scale[0]) / (scale[-1] - scale[0]) * WIDTH
    bars = tuple(
        HistogramBar(
            low=float(scale[k]),
            high=float(scale[k + 1]),
            amount=int(count),
            x=float(x[k]) + 1,
            width=float(x[k + 1] - x[k]) - 2,
            height=float(count) / most * HEIGHT,
        )
        for k, count in enumerate(counts)
    )
    every = max(1, len(edges) // 8)
    ticks = tuple((float(x[k]), f"{scale[k]:g}") for k in range(0, len(edges), every))
    limit_x = None if limit is None else float(np.interp(limit, scale, x))
    return Histogram(title, unit, bars, ticks, limit_x, limit_text)
