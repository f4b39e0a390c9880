"""A speech engine made to sing: flite's phones laid on notes, through WORLD.

The engine speaks each phrase once, so its consonants and transitions are those of running speech. A vowel
starts on its note and is held in its steady part; consonants keep their length and come before the beat.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal
from score import Note, Phrase, seconds

from factory.engines.speech import EngineVoice, speak
from factory.phones import PAUSE, VOWELS
from svcfx.training import world

Array = NDArray[np.float64]
RATE = 44_100
_ONSET_S, _RELEASE_S = 0.07, 0.08
_DIPHTHONGS = frozenset(["ay", "aw", "oy", "ey", "ow"])
_VOICED = VOWELS | frozenset(["l", "m", "n", "ng", "r", "w", "y", "v", "dh", "z"])


@dataclass(frozen=True, slots=True)
class Style:
    """How one singer moves between and on notes."""

    glide_s: float = 0.07
    vibrato_hz: float = 5.4
    vibrato_cents: float = 28.0
    vibrato_after_s: float = 0.3


def sing(phrases: tuple[Phrase, ...], voice: str, style: Style, total_s: float, seed: int) -> Array:
    """The line as audio at 44.1 kHz, shape (frames,), peaks near -6 dBFS."""
    line = np.zeros(round(total_s * world.RATE) + 2)
    for index, phrase in enumerate(phrases):
        start, audio = _sing_phrase(phrase, voice, style, np.random.default_rng((seed, index)))
        first = round(start * world.RATE)
        line[first : first + len(audio)] += audio[: len(line) - first]
    line *= 0.5 / np.abs(line).max()
    return np.asarray(soxr.resample(line, world.RATE, RATE, quality="VHQ"))[: round(total_s * RATE)]


def _sing_phrase(
    phrase: Phrase, voice: str, style: Style, random: np.random.Generator
) -> tuple[float, Array]:
    """Start in seconds and audio at 16 kHz of one phrase."""
    spoken = speak(phrase.words, EngineVoice("flite", voice))
    audio = spoken.audio
    if spoken.rate != world.RATE:
        audio = soxr.resample(audio, spoken.rate, world.RATE, quality="VHQ")
    analysis = world.analyse(audio)
    phones = [phone for phone in spoken.phones if phone.name != PAUSE]
    sung, read = _time_map(phones, phrase)
    times = np.arange(sung[0], sung[-1], world.FRAME_S)
    position = np.interp(times, sung, read) / world.FRAME_S
    frame = np.clip(np.round(position).astype(int), 0, len(analysis.f0_hz) - 1)
    voiced = _voicing(analysis, phones)
    nearest_voiced = _nearest(voiced & (analysis.f0_hz > 0))
    log_power = np.log(np.maximum(analysis.power, 1e-16))
    source = np.where(voiced[frame], nearest_voiced[frame], frame)
    power = _between(log_power, position)
    power += (_loudness(phones, times, sung, read, power))[:, None]
    f0 = _pitch([note for syllable in phrase.syllables for note in syllable], times, style, random)
    result = world.resynthesise(
        world.Analysis(f0 * voiced[frame], np.exp(power), analysis.aperiodicity[source].clip(1e-6, 1 - 1e-6))
    )
    fade = min(400, len(result) // 4)
    result[:fade] *= np.linspace(0, 1, fade)
    result[-fade:] *= np.linspace(1, 0, fade)
    return sung[0], np.asarray(result, np.float64)


def _time_map(phones: list, phrase: Phrase) -> tuple[list[float], list[float]]:
    """Knots: seconds in the song and the seconds of the spoken phrase that sound there."""
    vowels = [i for i, phone in enumerate(phones) if phone.name in VOWELS]
    if len(vowels) != len(phrase.syllables):
        names = " ".join(phone.name for phone in phones)
        raise ValueError(
            f"'{phrase.words}' has {len(vowels)} vowels for {len(phrase.syllables)} syllables: {names}"
        )
    starts = [seconds(notes[0].start) for notes in phrase.syllables]
    last = phrase.syllables[-1][-1]
    tail = sum(phone.end_s - phone.start_s for phone in phones[vowels[-1] + 1 :])
    ends = []
    for index, (here, there) in enumerate(pairwise([*vowels, len(phones)])):
        consonants = sum(phone.end_s - phone.start_s for phone in phones[here + 1 : there])
        stop = starts[index + 1] if index + 1 < len(starts) else seconds(last.start + last.quarters)
        room = stop - starts[index]
        ends.append(stop - min(consonants if index + 1 < len(starts) else tail, 0.55 * room))
    lead_in = phones[vowels[0]].start_s - phones[0].start_s
    sung, read = [starts[0] - lead_in], [phones[0].start_s]
    for index, vowel in enumerate(vowels):
        _add_vowel(sung, read, phones[vowel], starts[index], ends[index])
    sung.append(seconds(last.start + last.quarters))
    read.append(phones[-1].end_s)
    return sung, read


def _add_vowel(sung: list[float], read: list[float], phone, start: float, end: float) -> None:
    """Attack and release at the speed of speech, the steady part held; a diphthong glides late."""
    length = phone.end_s - phone.start_s
    scale = min(1.0, (end - start) / length)
    attack = min(_ONSET_S, 0.3 * length)
    release = (0.5 if phone.name in _DIPHTHONGS else 0.25) * length
    hold = 0.12 * length
    sung += [start, start + scale * attack, end - scale * release]
    read += [phone.start_s, phone.start_s + attack, min(phone.start_s + attack + hold, phone.end_s - release)]
    sung.append(end)
    read.append(phone.end_s)


def _voicing(analysis: world.Analysis, phones: list) -> NDArray[np.bool_]:
    """Voiced frames; a vowel or sonorant is voiced throughout, however it creaks when spoken."""
    voiced = analysis.f0_hz > 0
    for phone in phones:
        if phone.name in _VOICED:
            voiced[round(phone.start_s / world.FRAME_S) : round(phone.end_s / world.FRAME_S)] = True
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


def _loudness(phones: list, times: Array, sung: list[float], read: list[float], log_power: Array) -> Array:
    """Natural-log power to add: vowels brought near one level, a gentle swell over the phrase."""
    read_at = np.interp(times, sung, read)
    level = np.log(np.exp(log_power).mean(1))
    vowel = np.zeros(len(times), bool)
    for phone in phones:
        if phone.name in VOWELS:
            vowel |= (read_at >= phone.start_s) & (read_at < phone.end_s)
    middle = np.median(level[vowel])
    wanted = np.interp(times, times[vowel], middle - level[vowel]) * 0.8
    width = signal.windows.hann(31)
    smooth = np.convolve(np.pad(wanted, 15, mode="edge"), width / width.sum(), mode="valid")
    across = (times - times[0]) / (times[-1] - times[0])
    return smooth.clip(-2.5, 2.5) + 0.35 * np.sin(np.pi * across)


def _pitch(notes: list[Note], times: Array, style: Style, random: np.random.Generator) -> Array:
    """Pitch in Hz at `times`: notes joined by glides, a vibrato that grows on long ones, slight drift."""
    semitones = np.full(len(times), float(notes[0].pitch))
    depth = np.zeros(len(times))
    for index, note in enumerate(notes):
        start, end = seconds(note.start), seconds(note.start + note.quarters)
        if index:
            phase = np.clip((times - start + 0.75 * style.glide_s) / style.glide_s, 0.0, 1.0)
            semitones += (note.pitch - notes[index - 1].pitch) * (0.5 - 0.5 * np.cos(np.pi * phase))
        if end - start > 0.7:
            rise = np.clip((times - start - style.vibrato_after_s) / 0.4, 0.0, 1.0)
            depth = np.maximum(depth, rise * np.clip((end - times) / 0.1, 0.0, 1.0) * (times < end))
    slow = signal.windows.hann(61)
    drift = np.convolve(random.normal(0.0, 1.0, len(times) + 60), slow / slow.sum(), mode="valid") * 0.25
    scoop = -0.7 * np.exp(-np.clip(times - times[0], 0.0, None) / 0.08)
    wave = np.sin(2.0 * np.pi * style.vibrato_hz * (times - times[0]) + random.uniform(0, 6.28))
    semitones += drift.clip(-0.1, 0.1) + scoop + depth * style.vibrato_cents / 100.0 * wave
    return 440.0 * 2.0 ** ((semitones - 69.0) / 12.0)
