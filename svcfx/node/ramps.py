"""A knob's curve at samples: read at every control frame, straight lines between."""

import math

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import FRAME_SECONDS, FRAMES_PER_SECOND
from svcfx.errors import ParamError
from svcfx.lanes import Curve
from svcfx.params import ParamSpec

CHUNK = 60_000


def ramp(curve: Curve, first: int, stop: int, sample_rate: float) -> NDArray[np.float32]:
    """Values (stop - first,) at samples `first` to `stop`; the same however a stem is cut."""
    frames_a_sample = FRAMES_PER_SECOND / sample_rate
    begin, end = math.floor(first * frames_a_sample), math.ceil(stop * frames_a_sample) + 1
    frames = np.arange(begin, end, dtype=np.float64)
    values = curve.at(frames * FRAME_SECONDS)
    if np.all(values == values[0]):
        return np.full(stop - first, values[0], np.float32)
    place = np.arange(first, stop) * frames_a_sample
    return np.asarray(np.interp(place, frames, values), np.float32)


def check_curve(spec: ParamSpec, curve: Curve, seconds: float) -> tuple[float, float]:
    """Lowest and highest value of a curve over `seconds`; refused when it leaves the spec's range.

    Raises:
        ParamError: A value is out of range; its second is named.
    """
    low, high = math.inf, -math.inf
    count = math.ceil(seconds * FRAMES_PER_SECOND) + 1
    for first in range(0, count, CHUNK):
        times = np.arange(first, min(first + CHUNK, count), dtype=np.float64) * FRAME_SECONDS
        values = curve.at(times)
        bad = ~((values >= spec.low) & (values <= spec.high))
        if bad.any():
            at = int(np.argmax(bad))
            raise ParamError(
                f"{spec.name} is {values[at]:g} {spec.unit} at {times[at]:.2f} s of its lane, "
                f"outside {spec.span}"
            )
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return low, high
