"""Sounds of known pitch for the trackers, and the frames that they are asked for."""

import numpy as np
import pytest

from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch import rmvpe
from svcfx.chain.pitch.phrase import phrase_f0

RATE, HOP = 44100, 512
QUICK = tuple(name for name in PITCH_NAMES if name != "crepe")


def harmonic(hz, rate=RATE):
    """Eight harmonics falling 6 dB an octave, at f0 `hz` a sample; silent where it is 0."""
    hz = np.asarray(hz, np.float64)
    phase = 2 * np.pi * np.cumsum(hz) / rate
    tones = sum(np.where(k * hz < rate / 2, np.sin(k * phase), 0.0) / k for k in range(1, 9))
    return (0.1 * tones * (hz > 0)).astype(np.float32)


def needs(name):
    """Skip, by name, a tracker whose package is not installed."""
    if name in ("dio", "harvest"):
        pytest.importorskip("pyworld")
    if name == "rmvpe" and not rmvpe.is_here():
        pytest.skip("the weights of rmvpe are not here")
    if name == "praat":
        pytest.importorskip("parselmouth")


def phrase(audio, name, gaps="early", octave_repair=True):
    needs(name)
    return phrase_f0(audio, RATE, HOP, name, gaps=gaps, octave_repair=octave_repair)


def at_frames(hz):
    """What each frame of a phrase should be called: the value in its middle."""
    return np.asarray(hz)[HOP // 2 :: HOP][: len(hz) // HOP]
