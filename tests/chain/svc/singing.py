"""What the tests of this folder sing, and how they ask for it."""

from dataclasses import replace

import numpy as np

from svcfx.chain.config import ChainSettings
from svcfx.chain.voice import AT_REST, Stem
from svcfx.dsp.stretch import follow_tempo
from svcfx.keeping import afresh
from svcfx.lanes import Lane
from svcfx.time_map import NO_CHANGE, TimeMap

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
    made = voice.render(
        stem(audio, rate, block), ChainSettings(voice.singers[0], **settings), curves(**(knobs or {}))
    )
    return np.concatenate(list(made))


def played(voice, audio, time, rate=RATE, keep=afresh, knobs=None, **settings):
    """What the voice sings of a recording at another tempo."""
    stretched = audio if time is NO_CHANGE else follow_tempo(audio[None], rate, time).samples[0]
    asked = replace(stem(stretched, rate), recording=stem(audio, rate), time=time)
    chosen = ChainSettings(voice.singers[0], **settings)
    return np.concatenate(list(voice.render(asked, chosen, curves(**(knobs or {})), keep)))


def runs(sound, rate=RATE):
    """Seconds at which what sounds begins and ends, shape (runs, 2); gaps under 0.1 s are none."""
    heard = np.flatnonzero(np.abs(sound) > 1e-4 * np.abs(sound).max())
    cuts = np.flatnonzero(np.diff(heard) > 0.1 * rate)
    return np.stack([heard[[0, *(cuts + 1)]], heard[[*cuts, -1]]], axis=1) / rate


CHANGES = TimeMap(((0.0, 0.0), (1.0, 1.0 / 0.8), (2.0, 1.0 / 0.8 + 1.0 / 1.25), (4.0, 4.3)))
TIMES = {"slower": TimeMap.of_ratio(0.8), "faster": TimeMap.of_ratio(1.25), "changing": CHANGES}
"""Tempos to play four seconds at."""


def displaced(voice, time):
    """Seconds by which the two phrases of a song begin and end beside where a tempo has them, (2, 2)."""
    before, after = runs(sung(voice, song())), runs(played(voice, song(), time))
    assert len(before) == 2
    return after - time.played_at(before)
