"""Filters over three frames that 4.1 puts behind CREPE; NaN marks frames that do not count.

Source: the published facts of so-vits-svc 4.1; the same filters stand in torchcrepe.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


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
