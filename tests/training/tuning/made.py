"""A small dataset for parametric voices: gliding tones, through one tract, in a little noise."""

from pathlib import Path

import numpy as np
from scipy import signal

from svcfx.training import index, items
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item

RATE, HOP = 44_100, 512


def dataset(folder: Path, lengths=(90, 70, 80, 75), singers=("mei",), content: str = "builtin") -> Path:
    """Takes of so many frames, the last for validation."""
    entries = []
    for number, frames in enumerate(lengths):
        singer = singers[number % len(singers)]
        file = f"items/{singer}/{number}.npz"
        items.write(take(frames, number, singer), folder / file)
        entries.append(
            DatasetEntry(file, singer, frames, "validation" if number == len(lengths) - 1 else "train")
        )
    made = DatasetIndex(sample_rate=RATE, hop=HOP, fft=2048, content_encoder=content, pitch="swift",
                 singers=singers, entries=tuple(entries), consent="made up")  # fmt: skip
    index.write(made, folder)
    return folder


def take(frames: int, seed: int, singer: str = "mei") -> Item:
    """A tone that glides up an octave from 150 Hz or so, voiced but for its last ten frames."""
    random = np.random.default_rng(seed)
    f0 = (150.0 + 10.0 * seed) * 2.0 ** np.linspace(0.0, 1.0, frames)
    cycles = np.cumsum(np.repeat(f0, HOP) / RATE)
    buzz = np.sum([np.cos(2.0 * np.pi * n * cycles) for n in range(1, 30)], axis=0)
    buzz[-10 * HOP :] = 0.0
    sound = signal.lfilter([1.0], [1.0, -1.8, 0.9], buzz + 0.05 * random.standard_normal(len(buzz)))
    voiced = (np.arange(frames) < frames - 10).astype(np.float32)
    audio = (0.2 * sound / np.abs(sound).max()).astype(np.float32)
    flat = np.zeros((3, frames), np.float32)
    return Item(singer, np.zeros((48, 8), np.float32), f0.astype(np.float32), voiced, flat[0], flat, audio)
