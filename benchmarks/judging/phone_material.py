"""What the phone judge learns from: its own texts, spoken and sung, by voices that are not held out.

The texts are drawn with a seed of the judge's own; the held-out voices and texts are refused by
`heldout.refuse`. Kept as features and labels, one file a text, made again when absent.
"""

import multiprocessing
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

from factory import texts
from factory.align import place
from factory.channel import record
from factory.engines import heldout
from factory.engines.speech import EngineVoice, Phone, speak
from factory.phones import INDEX
from factory.rendition import Performance, Source, natural, prepare, spoken, sung
from svcfx.errors import InputError

Frames = NDArray[np.float32]
RATE, HOP, WINDOW, FFT, BANDS = 16000, 160, 400, 512, 64
SEED = 770_317
TEXTS = range(150)
UNSEEN_TEXTS = range(100_000, 100_008)
"""Spoken by variants that no other text has, to tell how the judge does on voices that it has not heard."""
ESPEAK_A_TEXT = 4
CLEAN_SHARE = 0.5
# fmt: off
VARIANTS = (
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Diogo", "Gene", "Gene2", "Henrique", "Jacky", "Lee"),
    *("Marco", "Michael", "Mike", "Nguyen", "Storm", "Tweaky", "adam", "anika", "announcer", "antonio"),
    *("aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed", "edward", "f2", "f3", "f5"),
    *("grandma", "grandpa", "gustave", "iven", "iven2", "john", "kaukovalta", "klatt", "klatt3", "klatt4"),
    *("m1", "m2", "m4", "m5", "m6", "m8", "marcelo", "max", "michel", "miguel", "norbert", "pablo", "paul"),
    *("pedro", "quincy", "rob", "robert", "sandro", "shelby", "steph", "steph2", "travis", "victor", "zac"),
)
# fmt: on
UNSEEN_VARIANTS = ("linda", "m7", "klatt2", "f1")
ACCENTS = ("en-us",) * 5 + ("en-gb-x-rp", "en-gb-scotland", "en-gb-scotland", "en-us-nyc")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Features (2 * T, 64) at 100 frames a second, and phone numbers (T,) at 50."""

    features: Frames
    labels: NDArray[np.int64]


def features(audio: Frames) -> Frames:
    """Log-mel of audio at 16 kHz, (T, 64) at 100 a second, less the colour of its loud frames.

    Frame k is centred at k * 10 ms. Everything 9 nepers (natural log of power) below the loud frames is
    floored, so that level, equaliser and noise floor say little.
    """
    padded = np.pad(np.asarray(audio, np.float32), WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW), FFT)) ** 2
    log_mel = np.log(power @ _filters().T + 1e-10)
    loudness = np.log(np.exp(log_mel).sum(1))
    loud = loudness > np.percentile(loudness, 95) - 5.0
    relative = log_mel - log_mel[loud].mean(0)
    return np.asarray(np.maximum(relative, -9.0) / 3.0, np.float32)


def label(phones: tuple[Phone, ...], frames: int) -> NDArray[np.int64]:
    """Phone numbers at the middle of each of `frames` steps of 20 ms."""
    index, _ = place(phones, np.arange(frames) * 0.02 + 0.005)
    return np.array([INDEX[phone.name] for phone in phones])[index]


@cache
def _filters() -> Frames:
    return np.asarray(librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=BANDS, fmin=50.0, fmax=7600.0))


def load(folder: Path, numbers: range) -> list[Example]:
    """The examples of texts `numbers`, made in all cores where they are not in `folder` yet."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [n for n in numbers if not _path(folder, n).exists()]
    if missing:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
            list(pool.map(_make, [folder] * len(missing), missing))
    return [example for n in numbers for example in _read(_path(folder, n))]


def _path(folder: Path, number: int) -> Path:
    return folder / f"text-{number:05d}.npz"


def _read(path: Path) -> Iterator[Example]:
    with np.load(path) as stored:
        features, labels = stored["features"], stored["labels"]
        ends = np.cumsum(stored["lengths"])
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        yield Example(features[2 * start : 2 * end].astype(np.float32), labels[start:end].astype(np.int64))


def _make(folder: Path, number: int) -> None:
    random = np.random.default_rng(zlib.crc32(f"phone judge {SEED} {number}".encode()))
    text = texts.sentence(number, SEED)
    examples = [
        _example(performance, random)
        for voice in _voices(random, unseen=number in UNSEEN_TEXTS)
        for performance in _performances(text, voice, random)
    ]
    partial = _path(folder, number).with_suffix(".partial.npz")
    np.savez(
        partial,
        features=np.concatenate([e.features for e in examples]).astype(np.float16),
        labels=np.concatenate([e.labels for e in examples]).astype(np.uint8),
        lengths=np.array([len(e.labels) for e in examples]),
    )
    partial.replace(_path(folder, number))


def _voices(random: np.random.Generator, unseen: bool) -> Iterator[EngineVoice]:
    if not unseen:
        yield from (EngineVoice("flite", name) for name in ("slt", "rms", "kal16"))
    for _ in range(ESPEAK_A_TEXT):
        name = f"{random.choice(ACCENTS)}+{random.choice(UNSEEN_VARIANTS if unseen else VARIANTS)}"
        yield EngineVoice("espeak", name, int(random.integers(130, 191)), int(random.integers(30, 71)))


def _performances(text: str, voice: EngineVoice, random: np.random.Generator) -> Iterator[Performance]:
    heldout.refuse(text, voice)
    try:
        source: Source = prepare(speak(text, voice))
    except InputError:  # a few variants have no sound in some accents
        return
    yield natural(source, random)
    yield sung(source, random) if random.random() < 0.5 else spoken(source, random)


def _example(performance: Performance, random: np.random.Generator) -> Example:
    audio = performance.audio if random.random() < CLEAN_SHARE else record(performance.audio, random)
    heard = features(audio)
    steps = len(heard) // 2
    return Example(heard[: 2 * steps], label(performance.phones, steps))
