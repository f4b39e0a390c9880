"""The material of a training run on disk: one file per text, each a function of its number and the seed.

A text is spoken by the three base voices and some espeak-ng voices; each rendering is performed a few
times; a performance is kept as log-mel at 100 frames a second with, for every frame, its phone and its
place in the three base voices, from which any identity's target is read.
"""

import multiprocessing
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from svcfx.chain import mel
from svcfx.chain.parametric import level
from svcfx.errors import SvcfxError
from svcfx.training.parametric import heldout, texts, world
from svcfx.training.parametric.align import locate, place
from svcfx.training.parametric.channel import record
from svcfx.training.parametric.identities import BASE_VOICES
from svcfx.training.parametric.parallel import Spoken, level_loud_frames
from svcfx.training.parametric.phones import INDEX
from svcfx.training.parametric.rendition import Performance, Source, natural, prepare, spoken, sung
from svcfx.training.parametric.speech import EngineVoice, speak
from svcfx.training.parametric.words import VARIANTS

POSITIONS_PER_FRAME = 16
VALIDATION_FROM = 1_000_000
"""Texts from this number on validate; they are never trained on."""
VALIDATION_VARIANTS = ("linda", "m7", "klatt2", "f1")
ACCENTS = ("en-us",) * 6 + ("en-us-nyc", "en-gb-x-rp", "en-gb-scotland", "en-029")


@dataclass(frozen=True, slots=True)
class Take:
    """One performance as stored; arrays run over its frames at 100 a second."""

    log_mel: np.ndarray
    f0_hz: np.ndarray
    phone: np.ndarray
    position: np.ndarray
    weight: np.ndarray
    loudness_db: float
    mean_mel: np.ndarray
    name: str


def path_of(folder: Path, number: int) -> Path:
    """Where text `number`'s file is."""
    return folder / f"text-{number:07d}.npz"


def make(number: int, folder: Path, seed: int, espeak_voices: int = 3) -> Path:
    """Make text `number`'s file unless it is there; returns its path."""
    path = path_of(folder, number)
    if path.exists():
        return path
    random = np.random.default_rng(zlib.crc32(f"bank {seed} {number}".encode()))
    text = texts.sentence(number, seed)
    sources = {name: _source(text, EngineVoice("flite", name)) for name in BASE_VOICES}
    bases = {n: level_loud_frames(world.to_bands(s.analysis), s.phones) for n, s in sources.items()}
    takes = []
    for name, performance in _performances(text, sources, random, number, espeak_voices):
        takes.append(_take(name, performance, list(bases.values()), random))
    partial = path.with_suffix(".partial.npz")
    arrays: dict[str, Any] = _arrays(bases, takes)
    np.savez(partial, **arrays)
    return partial.replace(path)


def espeak_voice(random: np.random.Generator, validation: bool) -> EngineVoice:
    """A random espeak-ng voice, accent, rate and pitch that is not held out."""
    variant = str(random.choice(VALIDATION_VARIANTS if validation else VARIANTS))
    accent = str(random.choice(ACCENTS))
    return EngineVoice(
        "espeak", f"{accent}+{variant}", int(random.integers(130, 191)), int(random.integers(30, 71))
    )


def _source(text: str, voice: EngineVoice) -> Source:
    heldout.refuse(text, voice)
    return prepare(speak(text, voice))


def _performances(
    text: str, sources: dict[str, Source], random: np.random.Generator, number: int, espeak_voices: int
) -> Iterator[tuple[str, Performance]]:
    for name, source in sources.items():
        yield name, sung(source, random)
        yield name, sung(source, random) if random.random() < 0.4 else spoken(source, random)
        yield name, natural(source, random)
    for _ in range(espeak_voices):
        voice = espeak_voice(random, number >= VALIDATION_FROM)
        try:
            source = _source(text, voice)
        except SvcfxError:  # some variants have no sound for some accents; another text has another voice
            continue
        yield voice.key, sung(source, random) if random.random() < 0.5 else spoken(source, random)
        yield voice.key, natural(source, random)


def _take(name: str, performance: Performance, bases: list[Spoken], random: np.random.Generator) -> Take:
    audio = record(performance.audio, random)
    padded = np.pad(audio, (mel.WINDOW // 2, mel.WINDOW // 2 + mel.HOP))
    frames = mel.log_mel(torch.from_numpy(padded)[None])[0].T
    frames = frames[: 2 * (len(frames) // 2)]
    times = np.arange(len(frames)) * mel.HOP / mel.RATE
    index, part = place(performance.phones, times)
    found = [locate(performance.phones, base.phones, index, part) for base in bases]
    position = np.stack([seconds for seconds, _ in found], 1) / world.FRAME_S * POSITIONS_PER_FRAME
    measured = level.measure(frames)
    pitch = performance.f0_hz[np.minimum(2 * np.arange(len(frames)), len(performance.f0_hz) - 1)]
    return Take(
        log_mel=frames.numpy().astype(np.float16),
        f0_hz=pitch.astype(np.float32),
        phone=np.array([INDEX[p.name] for p in performance.phones], np.uint8)[index],
        position=np.clip(np.round(position), 0, 65535).astype(np.uint16),
        weight=np.mean([weight for _, weight in found], 0).astype(np.float16),
        loudness_db=measured.loudness_db,
        mean_mel=measured.mean_mel,
        name=name,
    )


def _arrays(bases: dict[str, Spoken], takes: list[Take]) -> dict[str, np.ndarray]:
    stored = {
        key: np.concatenate([getattr(take, key) for take in takes])
        for key in ("log_mel", "f0_hz", "phone", "position", "weight")
    }
    stored["lengths"] = np.array([len(take.f0_hz) for take in takes])
    stored["loudness_db"] = np.array([take.loudness_db for take in takes], np.float32)
    stored["mean_mel"] = np.array([take.mean_mel for take in takes], np.float32)
    stored["names"] = np.array([take.name for take in takes])
    for name, base in bases.items():
        stored[f"envelope_{name}"] = base.bands.envelope.astype(np.float16)
        stored[f"aperiodicity_{name}"] = base.bands.aperiodicity.astype(np.float16)
    return stored


def fill(folder: Path, numbers: list[int], seed: int, workers: int) -> Iterator[int]:
    """Make the files of many texts in `workers` processes; yields how many are done."""
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        jobs = [pool.submit(make, number, folder, seed) for number in numbers]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                yield done
        finally:  # an error or Ctrl-C must not wait for hundreds of texts
            pool.shutdown(wait=False, cancel_futures=True)
