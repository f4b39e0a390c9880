"""Change the sample rate of a stream within a few milliseconds, where soxr's quality takes tens.

A sample is the sum of what lies up to `LOBES` periods of the slower rate to each side, weighed by a sinc that
ends below half that rate under Kaiser's window. It is a function of its place in the stream and of the input
around it, so blocks of any length give the same samples.

Source: J. O. Smith, "Digital audio resampling", https://ccrma.stanford.edu/~jos/resample/
"""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

LOBES = 24
EDGE = 0.93
"""Where the pass band ends, as a share of half the slower rate."""
BETA = 8.0
PHASES = 4096
"""Places between two samples that are told apart where the rates' ratio has more of them."""


class PromptResampler:
    """Resamples audio that arrives in pieces, (channels, frames) each.

    What comes out lags by `LOBES` periods of the slower rate until the last push: 1.5 ms at 16 kHz.
    """

    def __init__(self, rate_in: float, rate_out: float, channels: int = 1) -> None:
        self.rate_in, self.rate_out = rate_in, rate_out
        self._step = _exact(rate_in) / _exact(rate_out)
        self._half = math.ceil(LOBES * max(1.0, rate_in / rate_out))
        self._kept = np.zeros((channels, self._half), np.float32)
        self._first = -self._half  # place of the first kept sample
        self._made = 0

    def push(self, samples: Samples, *, last: bool = False) -> Samples:
        """Take (channels, n) at `rate_in`, return what is ready at `rate_out`; `last` empties the stream."""
        if self.rate_in == self.rate_out:
            return samples
        self._kept = np.concatenate([self._kept, samples], 1, dtype=np.float32)
        end = self._first + self._kept.shape[1]
        if last:
            self._kept = np.pad(self._kept, ((0, 0), (0, self._half + 1)))
        heard = end if last else end - self._half
        stop = max(math.ceil(heard / self._step), self._made)
        out = self._read(self._made, stop)
        self._made = stop
        drop = max(int(stop * self._step) - self._half - self._first, 0)
        self._kept, self._first = self._kept[:, drop:], self._first + drop
        return out

    def _read(self, first: int, stop: int) -> Samples:
        if stop == first:
            return np.zeros((len(self._kept), 0), np.float32)
        up, down = self._step.numerator, self._step.denominator
        place, rest = np.divmod(np.arange(first, stop) * up, down)
        kernels = _kernels(self._half, min(1.0, float(1 / self._step)), min(down, PHASES))
        rows = kernels[rest * len(kernels) // down]
        about = np.lib.stride_tricks.sliding_window_view(self._kept, 2 * self._half, axis=1)
        heard = about[:, place - self._half + 1 - self._first]
        return np.asarray((heard * rows).sum(-1), np.float32)


@lru_cache(maxsize=16)
def _kernels(half: int, cutoff: float, phases: int) -> NDArray[np.float32]:
    """Weights (phases, 2 half) of the samples around a place between two of them."""
    distance = np.arange(1 - half, half + 1)[None] - (np.arange(phases) / phases)[:, None]
    window = np.i0(BETA * np.sqrt(np.maximum(1.0 - (distance / half) ** 2, 0.0))) / np.i0(BETA)
    kernels = np.sinc(EDGE * cutoff * distance) * window
    return np.asarray(kernels / kernels.sum(1, keepdims=True), np.float32)


def lag_seconds(rate_in: float, rate_out: float) -> float:
    """How far a stream's output lags at most."""
    return 0.0 if rate_in == rate_out else LOBES / min(rate_in, rate_out) + 1.0 / rate_in + 1.0 / rate_out


def _exact(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(1000)
