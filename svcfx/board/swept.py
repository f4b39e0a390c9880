"""Narrow filters that move fast: played sample by sample, as copies that take turns cannot follow them.

Two copies faded are a filter between theirs as long as they lie close together. Where a filter moves by more
than a small part of its width from knot to knot, what is between them is none: a sweep of Q 4 from 500 to
2000 Hz in half a second left -52 dBFS beside a sine.
"""

from collections.abc import Mapping

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.dsp import biquad
from svcfx.dsp.biquad import Shape, Values
from svcfx.lanes import Curve, Lane, SampledLane
from svcfx.node.native import NativePlugin

SHAPES: Mapping[str, Shape] = {
    "PeakFilter": "peak",
    "LowShelfFilter": "low shelf",
    "HighShelfFilter": "high shelf",
}
_KNOBS = ("cutoff_frequency_hz", "gain_db", "q")
KNOT_SECONDS = 512 / 44_100
"""From knot to knot where copies take turns."""
_MOST = 0.02
"""Of its width that a filter may move from knot to knot while copies take turns: a parabola stands -86 dBFS
above its chord then."""
_LOOKED_AT = 1 << 16
_WINDOW = 1 << 15


def needs(plugin: NativePlugin, curves: Mapping[str, Curve]) -> bool:
    """Whether a native plugin is a filter that curves move too fast for copies that take turns."""
    if type(plugin).__name__ not in SHAPES or not curves.keys() <= set(_KNOBS):
        return False
    spans = [_span(curve) for curve in curves.values()]
    if any(end is None for end in spans):
        return False
    last = max(end for end in spans if end is not None)
    step = KNOT_SECONDS / 2
    count = int(last / step) + 3
    return any(
        _strides(plugin, curves, first * step, min(_LOOKED_AT, count - first) + 2, step) > _MOST
        for first in range(0, count, _LOOKED_AT)
    )


def _span(curve: Curve) -> float | None:
    """The second behind which a curve stands still; None where nobody can say."""
    if isinstance(curve, Lane):
        return max(end for _, end in curve.turns)
    if isinstance(curve, SampledLane):
        return curve.start_seconds + len(curve.values) / curve.sample_rate
    parts = [_span(part) for part in getattr(curve, "curves", ())]
    return max(end for end in parts if end is not None) if parts and None not in parts else None


def _strides(
    plugin: NativePlugin, curves: Mapping[str, Curve], start: float, count: int, step: float
) -> float:
    """The most of its width that the filter moves from knot to knot; a jump of a step does not count."""
    hz, gain_db, q = _at(plugin, curves, np.maximum(start + (np.arange(count) - 1) * step, 0.0))
    narrow = q * 10.0 ** (np.abs(gain_db) / 40.0)
    moved = np.abs(np.diff(np.log(hz))) * narrow[1:]
    moved += np.abs(np.diff(gain_db)) * (np.log(10.0) / 20.0) + np.abs(np.diff(np.log(q)))
    steady = np.minimum(moved[:-1], moved[1:])  # of two in a row, so that a jump is none
    return float(steady.max(initial=0.0)) * KNOT_SECONDS / step


def _at(plugin: NativePlugin, curves: Mapping[str, Curve], seconds: Values) -> tuple[Values, Values, Values]:
    """Cutoff, gain and Q at `seconds`."""
    hz, gain_db, q = (
        curves[name].at(seconds) if name in curves else np.full(len(seconds), float(getattr(plugin, name)))
        for name in _KNOBS
    )
    return hz, gain_db, q


class Swept:
    """A filter that moves with every sample, by curves in seconds from the first frame."""

    def __init__(self, plugin: NativePlugin, curves: Mapping[str, Curve]) -> None:
        self._plugin, self._curves = plugin, dict(curves)
        self._shape = SHAPES[type(plugin).__name__]
        self._waiting: Samples | None = None
        self._state: Values | None = None
        self._next = 0

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        self.reset()
        made = scratch.zeros(samples.shape)
        for start in range(0, samples.shape[1], _WINDOW):
            part = samples[:, start : start + _WINDOW]
            whole = np.pad(part, ((0, 0), (0, -part.shape[1] % biquad.BLOCK)))
            made[:, start : start + _WINDOW] = self._play(whole, sample_rate)[:, : part.shape[1]]
        return made

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """What comes out for whole blocks of 64 frames; what is left over waits for more."""
        if self._waiting is not None:
            samples = np.concatenate([self._waiting, samples], axis=1)
        whole = samples.shape[1] - samples.shape[1] % biquad.BLOCK
        self._waiting = samples[:, whole:]
        return self._play(samples[:, :whole], sample_rate)

    def reset(self) -> None:
        self._waiting = self._state = None
        self._next = 0

    def latency(self, sample_rate: float) -> int:
        return 0 if self._waiting is None else biquad.BLOCK

    def _play(self, samples: Samples, rate: float) -> Samples:
        channels, frames = samples.shape
        if self._state is None:
            self._state = np.zeros((2, channels))
        made = np.empty_like(samples)
        for start in range(0, frames, _WINDOW):
            part = samples[:, start : start + _WINDOW]
            seconds = (self._next + np.arange(part.shape[1])) / rate
            moving = biquad.coefficients(self._shape, *_at(self._plugin, self._curves, seconds), rate)
            made[:, start : start + part.shape[1]] = biquad.play(part, moving, self._state)
            self._next += part.shape[1]
        return made
