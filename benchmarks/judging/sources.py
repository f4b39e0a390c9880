"""The stems that are converted: held-out voices speaking, or sung through WORLD to held-out melodies.

Singing changes timing and pitch alone; the voice's own spectra stay, so that a sung stem is the held-out
voice and not a morph of it.
"""

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from factory.align import place
from factory.engines import heldout
from factory.engines.speech import EngineVoice, Phone, Utterance, speak
from factory.melody import melody
from factory.phones import PAUSE, SONORANTS, VOWELS
from judging.pairs import PAUSE_S, Stem
from svcfx.training import world

Samples = NDArray[np.float32]
RATE = 16000
MAX_VOWEL_S = 0.9


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a stem: where its audio starts, how long it is, and its phones from that start."""

    text: str
    start_s: float
    seconds: float
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A stem at 16 kHz, shape (frames,), zeros between its passages."""

    audio: Samples
    passages: tuple[Passage, ...]


@cache
def build(stem: Stem) -> Source:
    """Make a stem; the same samples every time."""
    gap = np.zeros(int(PAUSE_S * RATE), np.float32)
    pieces, passages, at = [gap], [], len(gap)
    for number in stem.texts:
        text, utterance = _perform(stem, number)
        audio = utterance.audio[: len(utterance.audio) // 160 * 160]  # passages start on 10 ms
        passages.append(Passage(text, at / RATE, len(audio) / RATE, utterance.phones))
        pieces += [audio, gap]
        at += len(audio) + len(gap)
    joined = np.concatenate(pieces)
    return Source((joined * (0.5 / np.abs(joined).max())).astype(np.float32), tuple(passages))


def _perform(stem: Stem, number: int) -> tuple[str, Utterance]:
    voice = next(v for v in heldout.VOICES if v.name.split("+")[-1] == stem.voice)
    if stem.manner == "spoken":
        text = heldout.SENTENCES[number]
        return text, at_rate(speak(text, voice))
    phrase = heldout.SUNG[number]
    return phrase.words, _sing(phrase, voice)


def at_rate(utterance: Utterance) -> Utterance:
    """The utterance at 16 kHz; its phones keep their seconds."""
    if utterance.rate == RATE:
        return utterance
    common = int(np.gcd(utterance.rate, RATE))
    audio = signal.resample_poly(utterance.audio, RATE // common, utterance.rate // common)
    return Utterance(audio.astype(np.float32), RATE, utterance.phones)


def _sing(phrase: heldout.SungPhrase, voice: EngineVoice) -> Utterance:
    spoken = at_rate(speak(phrase.words, voice))
    analysis = world.analyse(spoken.audio)
    random = np.random.default_rng(zlib.crc32(f"sung {phrase.seed}".encode()))
    phones = _held(spoken.phones, random)
    times = np.arange(int(phones[-1].end_s / world.FRAME_S) + 1) * world.FRAME_S
    pitch = np.clip(melody(phones, times, phrase.centre_hz, random), 70.0, 800.0)
    index, part = place(phones, times)
    starts = np.array([p.start_s for p in spoken.phones])
    ends = np.array([p.end_s for p in spoken.phones])
    where = np.clip(
        (starts[index] + part * (ends - starts)[index]) / world.FRAME_S, 0, len(analysis.f0_hz) - 1
    )
    near = np.round(where).astype(int)
    power = np.exp(_read(np.log(np.maximum(analysis.power, 1e-16)), where))
    streams = world.Analysis(pitch * (analysis.f0_hz[near] > 0), power, analysis.aperiodicity[near])
    return Utterance(world.resynthesise(streams), RATE, phones)


def _held(phones: tuple[Phone, ...], random: np.random.Generator) -> tuple[Phone, ...]:
    """Sung lengths: vowels 1.5 to 4 times up to 0.9 s, sonorants a little longer, pauses 0.15 s at most."""
    held, at = [], 0.0
    for phone in phones:
        length = phone.end_s - phone.start_s
        if phone.name in VOWELS:
            length = max(length, min(length * random.uniform(1.5, 4.0), MAX_VOWEL_S))
        elif phone.name == PAUSE:
            length = min(length, 0.15)
        elif phone.name in SONORANTS:
            length *= random.uniform(1.0, 1.5)
        held.append(Phone(phone.name, at, at + length))
        at += length
    return tuple(held)


def _read(frames: NDArray[np.float64], where: NDArray[np.float64]) -> NDArray[np.float64]:
    left = np.minimum(where.astype(int), len(frames) - 2)
    share = (where - left)[:, None]
    return np.asarray(frames[left] * (1.0 - share) + frames[left + 1] * share)
