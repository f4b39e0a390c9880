"""A made-up singer with vowels, consonants and melodies, fast enough for ten minutes of takes in a test.

Pulses and breath go through the formants of each vowel in turn. A throat is a factor on all formants, a tilt
and a pitch; no engine and no shipped voice has part in it.
Source of the formants: Peterson & Barney, "Control methods used in a study of the vowels", 1952 (men).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from svcfx import audio

RATE = 44_100
FORMANTS_HZ = {
    "a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010), "o": (570, 840, 2410),
    "u": (300, 870, 2240), "r": (490, 1350, 1690), "n": (250, 1500, 2400),
}  # fmt: skip
HIGHER_HZ, WIDTHS_HZ = (3500, 4500), (70, 90, 120, 180, 250)
HISS_HZ = {"s": (5000, 9000), "f": (1500, 8000), "h": (700, 3500)}
Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Throat:
    """Who sings: a factor on all formants, the pole of the tilt, the middle pitch in Hz, and breath."""

    tract: float
    tilt: float
    pitch_hz: float
    breath: float


def phrase(throat: Throat, seconds: float, seed: int) -> NDArray[np.float32]:
    """(n,) syllables with notes, glides, vibrato and pauses for breath."""
    random = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    notes, gains = np.zeros(frames), {name: np.zeros(frames) for name in (*FORMANTS_HZ, *HISS_HZ)}
    at, note = 0, 0.0
    while at < frames:
        consonant = str(random.choice(("", "", "n", "r", *HISS_HZ)))
        lengths = (0.07, float(random.uniform(0.12, 0.5)), 0.3 if random.random() < 0.1 else 0.03)
        note = float(np.clip(note + random.integers(-4, 5), -7, 7))
        for name, length in zip((consonant, str(random.choice(list("aeiou"))), ""), lengths, strict=True):
            stop = at + int(length * RATE)
            notes[at:stop] = note
            if name:
                gains[name][at:stop] = 0.5 if name in HISS_HZ else 1.0
            at = stop
    pulses = _excitation(throat, notes, random)
    hiss = random.normal(0.0, 0.25, frames)
    out = sum(_through(throat, name, pulses, hiss, _smooth(gain, 0.015)) for name, gain in gains.items())
    return (0.3 * out / np.abs(out).max() + random.normal(0.0, 1e-4, frames)).astype(np.float32)


def write_takes(folder: Path, throat: Throat, minutes: float, seconds: float = 12.0, seed: int = 0) -> None:
    """As many files of that length as make so many minutes."""
    for number in range(round(minutes * 60 / seconds)):
        take = phrase(throat, seconds, seed=1000 * seed + number)
        audio.write(folder / f"{number:03d}.wav", take[None], RATE)


def _excitation(throat: Throat, notes: Samples, random: np.random.Generator) -> Samples:
    """Pulses at the melody's pitch without aliases worth speaking of, tilted, and breath with them."""
    when = np.arange(len(notes)) / RATE
    bent = _smooth(notes, 0.06) + 0.3 * np.sin(2 * np.pi * 5.5 * when + random.uniform(0, 6))
    step = throat.pitch_hz * 2.0 ** (bent / 12.0) / RATE
    phase = np.cumsum(step) % 1.0
    saw = 2.0 * phase - 1.0
    near = np.minimum(phase, 1.0 - phase) / step  # rounded where it jumps, within a sample of it
    rounded = np.where(near < 1.0, saw * near, saw)
    pulses = np.diff(rounded, prepend=0.0)
    return signal.lfilter(
        [1.0], [1.0, -throat.tilt], pulses + throat.breath * random.normal(0, 1, len(pulses))
    )


def _through(throat: Throat, name: str, pulses: Samples, hiss: Samples, gain: Samples) -> Samples:
    if not gain.any():
        return np.zeros_like(gain)
    if name in HISS_HZ:
        band = signal.butter(2, np.array(HISS_HZ[name]) * throat.tract, "bandpass", fs=RATE, output="sos")
        return signal.sosfilt(band, 0.3 * hiss * gain)
    formants = np.array((*FORMANTS_HZ[name], *HIGHER_HZ)) * throat.tract
    sections = []
    for hertz, width in zip(formants, WIDTHS_HZ, strict=True):
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * hertz / RATE
        poles = (1.0, -2.0 * radius * np.cos(angle), radius**2)
        sections.append((sum(poles), 0.0, 0.0, *poles))
    return signal.sosfilt(np.array(sections), pulses * gain)


def _smooth(values: Samples, seconds: float) -> Samples:
    """A moving mean of that length, twice."""
    width = int(seconds * RATE)
    return ndimage.uniform_filter1d(
        ndimage.uniform_filter1d(values, width, mode="nearest"), width, mode="nearest"
    )
