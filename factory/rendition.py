"""Random performances of one utterance: sung, spoken or as it is, each with its timing known.

A performance keeps which phone each moment is and how far into it, so the targets can be read from any
other rendering of the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from factory.align import place
from factory.engines.speech import Phone, Utterance
from factory.melody import melody
from factory.phones import PAUSE, SONORANTS, VOWELS
from svcfx.training import world

Array = NDArray[np.float64]
Samples = NDArray[np.float32]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Performance:
    """Audio at 16 kHz (frames,), its phones, and its pitch f0_hz at 5 ms (T,), 0 where unvoiced."""

    audio: Samples
    phones: tuple[Phone, ...]
    f0_hz: Array


@dataclass(frozen=True, slots=True)
class Source:
    """An utterance at 16 kHz with its analysis, ready to be performed."""

    audio: Samples
    phones: tuple[Phone, ...]
    analysis: world.Analysis


def prepare(utterance: Utterance) -> Source:
    """Bring an utterance to 16 kHz and analyse it."""
    audio = utterance.audio
    if utterance.rate != world.RATE:
        common = np.gcd(utterance.rate, world.RATE)
        audio = signal.resample_poly(audio, world.RATE // common, utterance.rate // common).astype(np.float32)
    return Source(audio, utterance.phones, world.analyse(audio))


def natural(source: Source, random: Random) -> Performance:
    """The engine's own sound, played 0.85 to 1.2 times as fast: pitch and formants move without a vocoder."""
    step = int(random.integers(34, 49)) if random.random() < 0.75 else 40
    if step == 40:
        return Performance(source.audio, source.phones, source.analysis.f0_hz)
    audio = signal.resample_poly(source.audio, 40, step).astype(np.float32)
    speed = step / 40.0
    phones = tuple(Phone(p.name, p.start_s / speed, p.end_s / speed) for p in source.phones)
    frames = len(audio) // int(world.RATE * world.FRAME_S) + 1
    where = np.minimum(np.round(np.arange(frames) * speed).astype(int), len(source.analysis.f0_hz) - 1)
    return Performance(audio, phones, source.analysis.f0_hz[where] * speed)


def sung(source: Source, random: Random, centre_hz: float | None = None) -> Performance:
    """Vowels held, one note each, with portamento and vibrato; a random tract and tone."""
    phones = _stretched(source.phones, random)
    times = np.arange(int(phones[-1].end_s / world.FRAME_S) + 1, dtype=np.float64) * world.FRAME_S
    middle = float(np.exp(random.uniform(np.log(95.0), np.log(700.0)))) if centre_hz is None else centre_hz
    return _perform(source, phones, melody(phones, times, middle, random), random)


def spoken(source: Source, random: Random) -> Performance:
    """The engine's own timing and contour about another pitch; a random tract and tone."""
    f0 = source.analysis.f0_hz
    heard = f0[f0 > 0]
    middle = float(np.median(heard)) if len(heard) else 150.0
    wanted = float(np.exp(random.uniform(np.log(85.0), np.log(380.0))))
    return _perform(source, source.phones, np.where(f0 > 0, f0, middle) * (wanted / middle), random)


def _perform(source: Source, phones: tuple[Phone, ...], f0: Array, random: Random) -> Performance:
    times = np.arange(len(f0), dtype=np.float64) * world.FRAME_S
    index, part = place(phones, times)
    starts = np.array([p.start_s for p in source.phones])
    ends = np.array([p.end_s for p in source.phones])
    position = (starts[index] + part * (ends - starts)[index]) / world.FRAME_S
    last = len(source.analysis.f0_hz) - 1
    left = np.clip(position.astype(int), 0, max(last - 1, 0))
    share = np.clip(position - left, 0.0, 1.0)[:, None]
    right = np.minimum(left + 1, last)
    log_power = np.log(np.maximum(source.analysis.power, 1e-16))
    log_power = log_power[left] * (1.0 - share) + log_power[right] * share
    breath = source.analysis.aperiodicity[left] ** float(random.uniform(0.6, 1.4))
    voiced = source.analysis.f0_hz[np.where(share[:, 0] < 0.5, left, right)] > 0
    pitch = np.clip(f0, 70.0, 1050.0) * voiced
    power = np.exp(np.clip(_retract(log_power, random), -32.0, 8.0))
    audio = world.resynthesise(world.Analysis(pitch, power, np.clip(breath, 1e-6, 1.0 - 1e-6)))
    return Performance(audio, phones, pitch)


def _retract(log_power: Array, random: Random) -> Array:
    """Another vocal tract and tone: a warped frequency axis, a smooth equaliser, a tilt."""
    bins = np.arange(log_power.shape[1])
    grid = bins / bins[-1]
    factor = np.exp(random.uniform(np.log(0.8), np.log(1.27)) + _knots(random, 5, 0.03, grid))
    position = np.clip(bins / factor, 0.0, bins[-1])
    left = np.minimum(position.astype(int), len(bins) - 2)
    part = position - left
    moved = log_power[:, left] * (1.0 - part) + log_power[:, left + 1] * part
    tone = _knots(random, 7, 4.0, grid) + random.normal(0.0, 1.0) * np.log2((bins + 4.0) / 64.0)
    return np.asarray(moved + tone * np.log(10.0) / 10.0)


def _knots(random: Random, count: int, deviation: float, grid: Array) -> Array:
    return np.asarray(np.interp(grid, np.linspace(0.0, 1.0, count), random.normal(0.0, deviation, count)))


def _stretched(phones: Sequence[Phone], random: Random) -> tuple[Phone, ...]:
    """Phones with sung lengths: vowels up to four times and 0.9 s, pauses at most 0.15 s."""
    slowness = float(random.uniform(1.0, 3.0))
    stretched, start = [], 0.0
    for phone in phones:
        length = phone.end_s - phone.start_s
        if phone.name in VOWELS:
            length = min(length * float(random.uniform(1.0, 1.0 + slowness)), max(0.9, length))
        elif phone.name == PAUSE:
            length = min(length, 0.15)
        elif phone.name in SONORANTS:
            length *= float(random.uniform(0.8, 1.6))
        else:
            length *= float(random.uniform(0.8, 1.2))
        stretched.append(Phone(phone.name, start, start + length))
        start += length
    return tuple(stretched)
