"""A native plugin played in blocks, with its parameters set before each."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.lanes import Curve
from svcfx.node.native_run import NativeRun

BLOCK = 64
_WINDOW = 1 << 18  # frames of a curve looked at in one go


class Cut:
    """One native plugin without latency, and the curves that move it (seconds from the first frame)."""

    def __init__(self, plugin: Any, curves: Mapping[str, Curve]) -> None:
        self.plugin = plugin
        self.curves = dict(curves)
        self._run = NativeRun([plugin])

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        channels, frames = samples.shape
        made = np.empty_like(samples)
        self._run.reset()
        for start, end, values in blocks(list(self.curves.values()), frames, sample_rate, channels + 1):
            for name, value in zip(self.curves, values, strict=True):
                setattr(self.plugin, name, value)
            made[:, start:end] = self._run.push(samples[:, start:end], sample_rate, buffer_size)
        return made

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        raise NotImplementedError("automation is one-shot; the board refuses it in a stream")

    def reset(self) -> None:
        self._run.reset()

    def latency(self, sample_rate: float) -> int:
        return 0


def blocks(
    curves: list[Curve], frames: int, rate: float, least: int
) -> Iterator[tuple[int, int, list[float]]]:
    """Cut `frames` into (start, end, a value for each curve).

    Where no curve moves for `BLOCK` frames the block is as long as they stand still, and its value is
    exact. Between such places blocks have `BLOCK` frames at most, and the mean of their first and last
    value. No block is shorter than `least` frames, unless the audio is.
    """
    for offset in range(0, frames, _WINDOW):
        size = min(_WINDOW, frames - offset)
        if frames - offset - size < least:
            size = frames - offset
        elif offset and size < least:
            return
        values = np.stack([curve.at((offset + np.arange(size)) / rate) for curve in curves])
        for start, end in _edges(values, least):
            ends = 0.5 * (values[:, start] + values[:, end - 1])
            yield offset + start, offset + end, [float(value) for value in ends]


def _edges(values: NDArray[np.float64], least: int) -> Iterator[tuple[int, int]]:
    size = values.shape[1]
    changes = np.flatnonzero(np.any(np.diff(values, axis=1) != 0.0, axis=0)) + 1
    bounds = np.concatenate([[0], changes, [size]])
    still = np.flatnonzero(np.diff(bounds) >= max(BLOCK, least))
    kept = {0, size}
    for index in still:
        kept.update((int(bounds[index]), int(bounds[index + 1])))
    calm = {int(bounds[index]) for index in still}
    marks = sorted(kept)
    cuts = [0]
    for left, right in pairwise(marks):
        if left not in calm:
            pieces = max(1, min(-(-(right - left) // BLOCK), (right - left) // least))
            cuts.extend(left + (right - left) * piece // pieces for piece in range(1, pieces))
        if right == size or right - cuts[-1] >= least:
            cuts.append(right)
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < least:
        del cuts[-2]
    yield from pairwise(cuts)
