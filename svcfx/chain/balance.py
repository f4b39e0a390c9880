"""Loudness of audio that comes in blocks, so that a long stem is matched to its source in little memory.

Source: ITU-R BS.1770-4, annex 1: K-weighting, 400 ms blocks that overlap by 75 %, gates at -70 LUFS and
-10 LU. Its filters are given at 48 kHz; here their analogue prototypes are brought to any rate.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from svcfx.audio import Samples

HOP_SECONDS = 0.1
HOPS = 4
ABSOLUTE_LUFS, RELATIVE_LU = -70.0, -10.0
LARGEST_DB = 12.0
"""A match never moves a voice by more."""


class GatedLoudness:
    """Gated loudness of one mono signal."""

    def __init__(self, sample_rate: float) -> None:
        self._hop = round(HOP_SECONDS * sample_rate)
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((len(self._sections), 2))
        self._rest = np.zeros(0)
        self._powers: list[NDArray[np.float64]] = []

    def push(self, samples: Samples) -> None:
        """Add (n,) samples."""
        if not len(samples):
            return
        weighted, self._state = signal.sosfilt(self._sections, samples.astype(np.float64), zi=self._state)
        joined = np.concatenate([self._rest, weighted])
        whole = len(joined) // self._hop * self._hop
        self._powers.append(np.square(joined[:whole]).reshape(-1, self._hop).mean(1))
        self._rest = joined[whole:]

    @property
    def lufs(self) -> float:
        """Gated loudness so far; minus infinity when no 400 ms lie above the gate."""
        hops = np.concatenate([*self._powers, np.zeros(0)])
        if len(hops) < HOPS:
            return -math.inf
        blocks = np.lib.stride_tricks.sliding_window_view(hops, HOPS).mean(1)
        blocks = blocks[_loudness(blocks) > ABSOLUTE_LUFS]
        if not len(blocks):
            return -math.inf
        blocks = blocks[_loudness(blocks) > float(_loudness(blocks.mean())) + RELATIVE_LU]
        return float(_loudness(blocks.mean()))


def match_db(source: GatedLoudness, made: GatedLoudness) -> float:
    """Decibels that bring `made` to the loudness of `source`; 0 when either is too quiet to measure."""
    difference = source.lufs - made.lufs
    return min(max(difference, -LARGEST_DB), LARGEST_DB) if math.isfinite(difference) else 0.0


def _loudness(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(power, 1e-20)))


def k_weighting(sample_rate: float) -> NDArray[np.float64]:
    """Second-order sections of the K-weighting at any rate: a shelf of 4 dB above 1.7 kHz, a high-pass."""
    shelf = _shelf(1681.974450955533, 3.999843853973347, 0.7071752369554196, sample_rate)
    high_pass = _high_pass(38.13547087602444, 0.5003270373238773, sample_rate)
    return np.array([shelf, high_pass])


def _shelf(hz: float, gain_db: float, quality: float, rate: float) -> list[float]:
    warped = math.tan(math.pi * hz / rate)
    high = 10.0 ** (gain_db / 20.0)
    band = high**0.4996667741545416
    bottom = 1.0 + warped / quality + warped**2
    return [
        (high + band * warped / quality + warped**2) / bottom,
        2.0 * (warped**2 - high) / bottom,
        (high - band * warped / quality + warped**2) / bottom,
        1.0,
        2.0 * (warped**2 - 1.0) / bottom,
        (1.0 - warped / quality + warped**2) / bottom,
    ]


def _high_pass(hz: float, quality: float, rate: float) -> list[float]:
    warped = math.tan(math.pi * hz / rate)
    bottom = 1.0 + warped / quality + warped**2
    return [
        1.0,
        -2.0,
        1.0,
        1.0,
        2.0 * (warped**2 - 1.0) / bottom,
        (1.0 - warped / quality + warped**2) / bottom,
    ]
