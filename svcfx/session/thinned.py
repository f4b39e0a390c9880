"""A lane of many points as one of few, which goes no further from it than is said."""

from functools import lru_cache

import numpy as np

from svcfx.lanes import Lane, Seconds, Values

_GRID_SECONDS = 0.0005
_GLIDE_STEPS = 16
_MARGIN = 0.9
"""Of the tolerance; what is left is for what lies between the times that are looked at, and for rounding."""


@lru_cache(maxsize=64)
def thinned(lane: Lane, tolerance: float) -> Lane:
    """`lane` with straight lines between few points, within `tolerance` of it everywhere; or the lane itself,
    where that has no more of them."""
    seconds = _looked_at(lane)
    times, values = _swung(seconds, lane.at(seconds), _MARGIN * tolerance)
    if len(times) >= len(lane.points):
        return lane
    return Lane(tuple(zip(times, values, strict=True)), "linear")


def _looked_at(lane: Lane) -> Seconds:
    """Times between which a lane is as good as straight."""
    turns = np.array(lane.turns)
    steps = np.linspace(0.0, 1.0, _GLIDE_STEPS + 1)
    seconds = turns[:, :1] + np.diff(turns) * steps
    return np.unique(np.round(seconds / _GRID_SECONDS)) * _GRID_SECONDS


def _swung(seconds: Seconds, values: Values, most: float) -> tuple[list[float], list[float]]:
    """Corners of joined lines within `most` of each value.

    A line turns about its last corner between the steepest and the flattest that still pass everything; when
    none does, the next corner is where the middle one got to. Source: the swing filter, Elmeleegy and others,
    VLDB 2009, doi:10.14778/1687627.1687645.
    """
    times, corners = [float(seconds[0])], [float(values[0])]
    low, high = -np.inf, np.inf
    last = times[0]
    for at, value in zip(seconds[1:].tolist(), values[1:].tolist(), strict=True):
        span = at - times[-1]
        flattest, steepest = (value - most - corners[-1]) / span, (value + most - corners[-1]) / span
        if max(low, flattest) > min(high, steepest):
            corners.append(corners[-1] + (last - times[-1]) * (low + high) / 2)
            times.append(last)
            span = at - last
            low, high = (value - most - corners[-1]) / span, (value + most - corners[-1]) / span
        else:
            low, high = max(low, flattest), min(high, steepest)
        last = at
    if last > times[-1]:
        corners.append(corners[-1] + (last - times[-1]) * (low + high) / 2)
        times.append(last)
    return times, corners
