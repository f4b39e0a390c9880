"""What the families do to a track: bring it to its number of frames, smooth it, fill its unvoiced frames.

Tracks are float64, in Hz, 0 where unvoiced; for the filters over three frames NaN marks frames that do not
count.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1; the same filters stand in torchcrepe.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.content.units import nearest_index

Track = NDArray[np.float64]

_SILENT_HZ = 1e-3
Values = NDArray[np.float64]


class Filled(NamedTuple):
    """f0 without gaps, and 1.0 where it was voiced."""

    f0_hz: Track
    voiced: Track


def stretched(f0_hz: Track, frames: int) -> Track:
    """Bring a track to `frames` by linear interpolation; a voiced value next to none becomes none."""
    known = np.where(np.asarray(f0_hz, np.float64) < _SILENT_HZ, np.nan, f0_hz)
    position = np.arange(frames) * len(known) / frames
    return np.nan_to_num(np.interp(position, np.arange(len(known)), known))


def picked(f0_hz: Track, frames: int) -> Track:
    """Bring a track to `frames` by taking the nearest value before each (4.1's neural trackers)."""
    return np.asarray(np.asarray(f0_hz, np.float64)[nearest_index(len(f0_hz), frames).numpy()])


def bridged(f0_hz: Track) -> Filled:
    """4.1: straight lines over gaps, the first and last pitch held at the ends."""
    f0 = np.asarray(f0_hz, np.float64)
    voiced = f0 > 0
    if not voiced.any():
        return Filled(np.zeros_like(f0), np.zeros_like(f0))
    frames = np.arange(len(f0))
    return Filled(np.interp(frames, frames[voiced], f0[voiced]), voiced.astype(np.float64))


def reached_early(f0_hz: Track) -> Filled:
    """4.0 and the fork: a line reaches the next pitch one frame early; the last gap holds the last pitch.

    A lone voiced frame at the very end counts as part of the gap before it.
    """
    f0 = np.array(f0_hz, np.float64)
    voiced = (f0 > 0).astype(np.float64)
    before = 0.0
    at = 0
    while at < len(f0):
        if voiced[at]:
            before = float(f0[at])
            at += 1
            continue
        ahead = np.flatnonzero(voiced[at:])
        until = at + int(ahead[0]) if len(ahead) else len(f0) - 1
        if until >= len(f0) - 1:
            f0[at:] = before
            break
        f0[at:until] = _line(before, float(f0[until]), until - at)
        at = until
    return Filled(f0, voiced)


def _line(before: float, after: float, frames: int) -> Track:
    """`frames` values that end at `after`; constant when nothing came before."""
    if before <= 0.0:
        return np.full(frames, after)
    return np.asarray(before + (after - before) / frames * np.arange(1, frames + 1))


def median3(values: Values) -> Values:
    """Median of each frame and its neighbours, (..., T) -> same; the lower one where two are left."""
    windows = _windows(values, "reflect")
    edge = np.zeros_like(windows, bool)
    edge[..., 0, 0] = edge[..., -1, 2] = True
    ordered = np.sort(np.where(edge | np.isnan(windows), np.inf, windows), axis=-1)
    valid = np.isfinite(ordered).sum(-1)
    at = np.maximum(valid - 1, 0) // 2
    found = np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0]
    return np.asarray(np.where(valid > 0, found, np.nan))


def mean3(values: Values) -> Values:
    """Mean of what counts among each frame and its neighbours, (..., T) -> same; NaN where nothing does."""
    windows = _windows(values, "constant")
    counts = ~np.isnan(windows)
    counts[..., 0, 0] = counts[..., -1, 2] = False
    mean = np.where(counts, windows, 0.0).sum(-1) / np.maximum(counts.sum(-1), 1)
    return np.asarray(np.where(mean == 0.0, np.nan, mean))


def _windows(values: Values, mode: str) -> Values:
    sides = [(0, 0)] * (values.ndim - 1) + [(1, 1)]
    padded = np.pad(
        np.asarray(values, np.float64), sides, mode="reflect" if mode == "reflect" else "constant"
    )
    return np.lib.stride_tricks.sliding_window_view(padded, 3, axis=-1).copy()
