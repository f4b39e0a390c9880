"""A voice made to sing: Kokoro speaks each phrase once, and WORLD lays its phones on notes.

Consonants and transitions are those of running speech. A vowel starts on its note and is held in its steady
part; consonants keep their length and come before the beat.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyworld
import soxr
from numpy.typing import NDArray
from scipy import signal
from score import SYMBOLS, Note, Phrase, seconds

from factory import bank
from factory.engines.speech import Phone
from factory.kokoro import Kokoro
from factory.kokoro_phones import CMU
from factory.phones import VOWELS

Array = NDArray[np.float64]
RATE = 44_100
SPEED = 0.85
"""Of the speaking: slow speech has consonants that are long enough for song."""
_FRAME_S = 0.005
_ONSET_S, _EDGE_S = 0.07, 0.03
_DIPHTHONGS = frozenset(["ay", "aw", "oy", "ey", "ow"])


@dataclass(frozen=True, slots=True)
class Singer:
    """Who sings, shares of Kokoro's voices, and how it moves between and on notes."""

    mixture: Mapping[str, float]
    glide_s: float = 0.07
    vibrato_hz: float = 5.4
    vibrato_cents: float = 20.0
    vibrato_after_s: float = 0.3


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A phrase as it was said: its phones, and WORLD's three streams at 24 kHz, one row each 5 ms."""

    phones: tuple[Phone, ...]
    f0_hz: Array
    power: Array
    aperiodicity: Array


def sing(kokoro: Kokoro, phrases: tuple[Phrase, ...], singer: Singer, total_s: float, seed: int) -> Array:
    """The line as audio at 44.1 kHz, shape (frames,), peaks at -6 dBFS."""
    line = np.zeros(round(total_s * bank.RATE) + 2)
    for index, phrase in enumerate(phrases):
        spoken = _speak(kokoro, phrase.words, singer.mixture)
        start, audio = _sing_phrase(phrase, spoken, singer, np.random.default_rng((seed, index)))
        first = round(start * bank.RATE)
        line[first : first + len(audio)] += audio[: len(line) - first]
    line *= 0.5 / np.abs(line).max()
    return np.asarray(soxr.resample(line, bank.RATE, RATE, quality="VHQ"))[: round(total_s * RATE)]


def _speak(kokoro: Kokoro, words: str, mixture: Mapping[str, float]) -> _Spoken:
    """Say the words and analyse what was said."""
    symbols = " ".join(SYMBOLS[word] for word in words.split())
    style = kokoro.style(mixture, len(symbols))
    plan = kokoro.plan(symbols, style, SPEED)
    audio = kokoro.sound(plan, plan.pitch, style).astype(np.float64)
    ends = np.cumsum(plan.durations) * bank.TOKEN_S - bank.LABELS_LATE_S
    said = zip(symbols, ends[:-2], ends[1:-1], strict=True)  # without what is before and after the words
    phones = tuple(Phone(CMU.get(symbol, "mark"), float(start), float(end)) for symbol, start, end in said)
    f0, times = pyworld.harvest(audio, bank.RATE, f0_floor=60.0, f0_ceil=500.0, frame_period=1e3 * _FRAME_S)
    f0 = pyworld.stonemask(audio, f0, times, bank.RATE)
    power = pyworld.cheaptrick(audio, f0, times, bank.RATE, fft_size=bank.FFT)
    aperiodicity = pyworld.d4c(audio, f0, times, bank.RATE, fft_size=bank.FFT)
    return _Spoken(phones, f0, power, aperiodicity)


def _sing_phrase(
    phrase: Phrase, spoken: _Spoken, singer: Singer, random: np.random.Generator
) -> tuple[float, Array]:
    """Start in seconds and audio at 24 kHz of one phrase."""
    sung, read = _time_map(spoken.phones, phrase)
    times = np.arange(sung[0], sung[-1], _FRAME_S)
    position = np.interp(times, sung, read) / _FRAME_S
    frame = np.clip(np.round(position).astype(int), 0, len(spoken.f0_hz) - 1)
    voiced = _voicing(spoken)
    nearest_voiced = _nearest(voiced & (spoken.f0_hz > 0))
    source = np.where(voiced[frame], nearest_voiced[frame], frame)
    power = _between(np.log(np.maximum(spoken.power, 1e-16)), position)
    power += _loudness(spoken.phones, times, position * _FRAME_S, power)[:, None]
    f0 = _pitch([note for syllable in phrase.syllables for note in syllable], times, singer, random)
    breath = spoken.aperiodicity[source].clip(1e-6, 1.0 - 1e-6)
    audio = pyworld.synthesize(f0 * voiced[frame], np.exp(power), breath, bank.RATE, 1e3 * _FRAME_S)
    fade = min(600, len(audio) // 4)
    audio[:fade] *= np.linspace(0, 1, fade)
    audio[-fade:] *= np.linspace(1, 0, fade)
    return sung[0], np.asarray(audio, np.float64)


def _time_map(phones: tuple[Phone, ...], phrase: Phrase) -> tuple[list[float], list[float]]:
    """Knots: seconds in the song and the seconds of the spoken phrase that sound there."""
    vowels = [i for i, phone in enumerate(phones) if phone.name in VOWELS]
    if len(vowels) != len(phrase.syllables):
        names = " ".join(phone.name for phone in phones)
        raise ValueError(
            f"'{phrase.words}' has {len(vowels)} vowels for {len(phrase.syllables)} syllables: {names}"
        )
    last = phrase.syllables[-1][-1]
    borders = [*(seconds(notes[0].start) for notes in phrase.syllables), seconds(last.start + last.quarters)]
    before = phones[0].start_s - _EDGE_S
    sung, read = [borders[0] - (phones[vowels[0]].start_s - before)], [before]
    for (here, there), (start, stop) in zip(pairwise([*vowels, len(phones)]), pairwise(borders), strict=True):
        consonants = sum(phone.end_s - phone.start_s for phone in phones[here + 1 : there])
        _add_vowel(sung, read, phones[here], start, stop - min(consonants, 0.55 * (stop - start)))
    sung.append(max(borders[-1], sung[-1] + _EDGE_S))
    read.append(phones[-1].end_s + _EDGE_S)
    return sung, read


def _add_vowel(sung: list[float], read: list[float], phone: Phone, start: float, end: float) -> None:
    """Attack and release at the speed of speech, the steady part held; a diphthong glides late."""
    length = phone.end_s - phone.start_s
    scale = min(1.0, (end - start) / length)
    attack = min(_ONSET_S, 0.35 * length)
    release = (0.5 if phone.name in _DIPHTHONGS else 0.3) * length
    held = min(phone.start_s + attack + 0.1 * length, phone.end_s - release)
    sung += [start, start + scale * attack, end - scale * release, end]
    read += [phone.start_s, phone.start_s + attack, held, phone.end_s]


def _voicing(spoken: _Spoken) -> NDArray[np.bool_]:
    """Voiced frames; a vowel is voiced throughout, however it creaks when spoken."""
    voiced = spoken.f0_hz > 0
    for phone in spoken.phones:
        if phone.name in VOWELS:
            voiced[round((phone.start_s + 0.01) / _FRAME_S) : round((phone.end_s - 0.01) / _FRAME_S)] = True
    return voiced


def _nearest(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each frame the nearest frame where `mask` holds."""
    where = np.flatnonzero(mask)
    place = np.searchsorted(where, np.arange(len(mask))).clip(1, len(where) - 1)
    left, right = where[place - 1], where[place]
    here = np.arange(len(mask))
    return np.where(here - left < right - here, left, right)


def _between(values: Array, position: Array) -> Array:
    left = np.clip(position.astype(int), 0, len(values) - 2)
    share = np.clip(position - left, 0.0, 1.0)[:, None]
    return values[left] * (1.0 - share) + values[left + 1] * share


def _loudness(phones: tuple[Phone, ...], times: Array, read_at: Array, log_power: Array) -> Array:
    """Natural-log power to add: vowels brought near one level, a gentle swell over the phrase."""
    level = np.log(np.exp(log_power).mean(1))
    vowel = np.zeros(len(times), bool)
    for phone in phones:
        if phone.name in VOWELS:
            vowel |= (read_at >= phone.start_s) & (read_at < phone.end_s)
    wanted = np.interp(times, times[vowel], np.median(level[vowel]) - level[vowel]) * 0.8
    width = signal.windows.hann(31)
    smooth = np.convolve(np.pad(wanted, 15, mode="edge"), width / width.sum(), mode="valid")
    across = (times - times[0]) / (times[-1] - times[0])
    return smooth.clip(-2.5, 2.5) + 0.35 * np.sin(np.pi * across)


def _pitch(notes: list[Note], times: Array, singer: Singer, random: np.random.Generator) -> Array:
    """Pitch in Hz at `times`: notes joined by glides, a vibrato that grows on long ones, slight drift."""
    semitones = np.full(len(times), float(notes[0].pitch))
    depth = np.zeros(len(times))
    for index, note in enumerate(notes):
        start, end = seconds(note.start), seconds(note.start + note.quarters)
        if index:
            phase = np.clip((times - start + 0.75 * singer.glide_s) / singer.glide_s, 0.0, 1.0)
            semitones += (note.pitch - notes[index - 1].pitch) * (0.5 - 0.5 * np.cos(np.pi * phase))
        if end - start > 0.7:
            rise = np.clip((times - start - singer.vibrato_after_s) / 0.4, 0.0, 1.0)
            depth = np.maximum(depth, rise * np.clip((end - times) / 0.1, 0.0, 1.0) * (times < end))
    slow = signal.windows.hann(61)
    drift = np.convolve(random.normal(0.0, 1.0, len(times) + 60), slow / slow.sum(), mode="valid") * 0.25
    wave = np.sin(2.0 * np.pi * singer.vibrato_hz * (times - times[0]) + random.uniform(0, 6.28))
    semitones += drift.clip(-0.05, 0.05) + depth * singer.vibrato_cents / 100.0 * wave
    return 440.0 * 2.0 ** ((semitones - 69.0) / 12.0)
