"""A random melody over sung phones: one note a vowel, portamento, vibrato, a little jitter."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from factory.engines.speech import Phone
from factory.phones import VOWELS
from svcfx.training.world import FRAME_S

Array = NDArray[np.float64]


def melody(phones: Sequence[Phone], times_s: Array, centre_hz: float, random: np.random.Generator) -> Array:
    """Pitch in Hz at each time, shape (T,), a walk of at most 9 semitones about `centre_hz`."""
    notes = np.zeros(len(times_s))
    note, start = 0.0, 0
    for phone in phones:
        if phone.name not in VOWELS:
            continue
        notes[start:] = note = float(np.clip(note + random.integers(-5, 6), -9, 9))
        start = int(phone.end_s / FRAME_S)
    glide = np.hanning(int(random.uniform(0.045, 0.155) / FRAME_S) + 2)
    half = len(glide) // 2
    padded = np.pad(notes, (half, len(glide) - 1 - half), mode="edge")
    smooth = np.convolve(padded, glide / glide.sum(), mode="valid")
    return np.asarray(centre_hz * 2.0 ** ((smooth + _vibrato(times_s, random)) / 12.0))


def _vibrato(times_s: Array, random: np.random.Generator) -> Array:
    """Semitones: in three of four melodies a vibrato of changing depth; always 6 cents of jitter."""
    jitter = np.convolve(random.normal(0.0, 0.06, len(times_s)), np.ones(3) / 3.0, mode="same")
    if random.random() > 0.75:
        return jitter
    rate = random.uniform(4.5, 6.8)
    knots = max(2, int(times_s[-1] / 0.6) + 2)
    depth = np.interp(times_s, np.linspace(0.0, times_s[-1] + 1e-3, knots), random.uniform(0.0, 0.8, knots))
    return np.asarray(depth * np.sin(2.0 * np.pi * (rate * times_s + random.random())) + jitter)
