"""Sung material with known pitch: a melody with vibrato and pauses, made by seed."""

from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.audio import Samples

RATE = 44_100


def melody(seconds: float, seed: int = 0, *, rate: int = RATE, pauses: bool = True) -> Samples:
    """(n,) notes between 165 and 330 Hz of 0.3 to 1.2 s, peak about 0.2."""
    random = np.random.default_rng(seed)
    out = np.zeros(round(seconds * rate))
    at = 0
    while at < len(out):
        frames = int(random.uniform(0.3, 1.2) * rate)
        when = np.arange(frames) / rate
        cents = 30.0 * np.sin(2 * np.pi * 5.5 * when)
        cycles = np.cumsum(220.0 * 2.0 ** (random.integers(-5, 8) / 12 + cents / 1200)) / rate
        wave = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 20))
        rise = np.minimum(1.0, np.minimum(when, when[::-1]) / 0.03)
        room = min(frames, len(out) - at)
        out[at : at + room] = (0.1 * wave * rise)[:room]
        at += frames
        if pauses and random.random() < 0.25:
            at += int(random.uniform(0.2, 1.0) * rate)
    return (out + random.normal(0.0, 1e-4, len(out))).astype(np.float32)


def with_noise(voice: Samples, snr_db: float, seed: int = 1) -> Samples:
    """The voice with white noise so far below it."""
    power = float(np.mean(np.square(voice, dtype=np.float64))) / 10 ** (snr_db / 10)
    return (voice + np.random.default_rng(seed).normal(0, np.sqrt(power), len(voice))).astype(np.float32)


def write(path: Path, voice: Samples, rate: int = RATE) -> Path:
    """A mono file."""
    audio.write(path, voice[None], rate)
    return path
