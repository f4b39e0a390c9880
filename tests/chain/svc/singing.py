"""What the tests of this folder sing, and how they ask for it."""

import numpy as np

from svcfx.chain.config import ChainSettings
from svcfx.chain.voice import AT_REST, Stem
from svcfx.lanes import Lane

RATE = 44100


def song(rate=RATE, seconds=4.0, hz=220.0, rests=True):
    """A sung tone with vibrato, (n,), silent for the last 0.6 s of every second second."""
    t = np.arange(round(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(hz * 2 ** (0.3 * np.sin(2 * np.pi * 5 * t) / 12)) / rate
    sound = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12))
    return (sound * ((t % 2) < 1.4) if rests else sound).astype(np.float32)


def stem(audio, rate=RATE, block=100_000):
    return Stem(len(audio), rate, lambda: (audio[i : i + block] for i in range(0, len(audio), block)))


def curves(**knobs):
    lanes = {name: Lane.constant(v) if isinstance(v, float) else v for name, v in knobs.items()}
    return {**AT_REST, "loudness_follow": Lane.constant(0.0), **lanes}


def sung(voice, audio, rate=RATE, block=100_000, knobs=None, **settings):
    made = voice.render(stem(audio, rate, block), ChainSettings("mei", **settings), curves(**(knobs or {})))
    return np.concatenate(list(made))
