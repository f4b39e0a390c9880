"""Growl: every second period of a voice weaker, as where the folds above the glottis swing along.

The wave is swung by half its fundamental. That puts lines half way between its partials, growl / 2 of each
neighbour, and keeps its level.

Source: sub-harmonics as what a growl adds: Loscos and Bonada, "Emulating rough and growl voice in spectral
domain", DAFx 2004.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.config import FRAMES_PER_SECOND
from svcfx.chain.voice import Curves

NAMES = ("growl",)
_FADE_FRAMES = 2


def growled(audio: Samples, sample_rate: float, curves: Curves) -> Samples:
    """`audio` (n,), a voice, as the curve stands; what has no pitch or lies under a 0 stays to the bit."""
    from svcfx.chain.analysis import analyse  # here: a node is made without torch

    if not np.any(audio):
        return audio
    f0 = analyse(audio, sample_rate).f0_hz
    frames = np.arange(len(f0))
    voiced = np.convolve(f0 > 0, np.ones(2 * _FADE_FRAMES + 1) / (2 * _FADE_FRAMES + 1), "same") * (f0 > 0)
    place = np.arange(len(audio)) * (FRAMES_PER_SECOND / sample_rate)
    share = np.asarray(curves["growl"].at(np.arange(len(audio)) / sample_rate), np.float64)
    share = share * np.interp(place, frames, voiced)
    cycles = np.cumsum(np.interp(place, frames, _filled(f0))) / sample_rate
    swung = (1.0 + share * np.cos(np.pi * cycles)) / np.sqrt(1.0 + 0.5 * np.square(share)) - 1.0
    return np.asarray(audio + audio * swung.astype(np.float32), np.float32)


def _filled(f0_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pitch (T,) with lines over its gaps."""
    voiced = np.flatnonzero(f0_hz > 0)
    return np.interp(np.arange(len(f0_hz)), voiced, f0_hz[voiced]) if len(voiced) else np.zeros(len(f0_hz))
