"""Hear a recording once from start to end, in the memory of ten seconds: where it is loud, where it clips."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx import audio
from svcfx.audio import Samples
from svcfx.dsp.gated import GatedLoudness

FRAMES_PER_SECOND = 100
_BLOCK_SECONDS = 10
_FLAT = 5e-5
"""A converter's two full scales differ by a step of 16 bits; a tone's top is steeper within three samples."""
_RUN = 3
_SILENT_PEAK = 0.03

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Survey:
    """What a recording is like. F frames of 10 ms.

    Attributes:
        sample_rate, channels, seconds: Of the file.
        peak: Largest sample of any channel, of full scale.
        lufs: Gated loudness of the mono mix; minus infinity for silence.
        power: (F,) mean square of the mono mix.
        clipped: (F,) samples that lie on flat tops at the recording's own peak.
        correlation: Of the first two channels; 1 for mono. Channels that cancel have -1.
    """

    sample_rate: int
    channels: int
    seconds: float
    peak: float
    lufs: float
    power: Values
    clipped: Counts
    correlation: float


def survey(path: Path) -> Survey:
    """Hear a file.

    Raises:
        AudioFileError: It is missing, empty, damaged, truncated, not finite, or no audio.
    """
    known = audio.probe(path)
    rate, channels = known.sample_rate, known.channels
    loudness, tops = GatedLoudness(rate), _Tops()
    powers: list[Values] = []
    products, frames = np.zeros(3), 0
    for block in audio.blocks(path, _BLOCK_SECONDS * rate):
        mono = mixed(block.samples)
        frame = np.arange(len(mono)) * FRAMES_PER_SECOND // rate
        powers.append(np.bincount(frame, np.square(mono, dtype=np.float64)) / np.bincount(frame))
        tops.push(block.samples, frame)
        loudness.push(mono)
        left, right = (block.samples[k].astype(np.float64) for k in (0, min(1, channels - 1)))
        products += (left @ right, left @ left, right @ right)
        frames += len(mono)
    both = math.sqrt(products[1] * products[2])
    return Survey(
        sample_rate=rate,
        channels=channels,
        seconds=frames / rate,
        peak=tops.peak,
        lufs=loudness.lufs,
        power=np.concatenate(powers),
        clipped=np.concatenate(tops.counts),
        correlation=float(products[0] / both) if both > 0 else 1.0,
    )


def mixed(samples: Samples) -> Samples:
    """Mono mix (n,) of (channels, n)."""
    return np.asarray(samples.mean(axis=0, dtype=np.float64), np.float32)


class _Tops:
    """Samples on flat tops by frame; what lay below a later, higher peak is forgotten."""

    def __init__(self) -> None:
        self.peak = 0.0
        self.counts: list[Counts] = []

    def push(self, samples: Samples, frame: Counts) -> None:
        level = np.abs(samples)
        highest = float(level.max())
        if highest > self.peak * (1.0 + _FLAT):
            self.counts = [np.zeros_like(count) for count in self.counts]
        self.peak = max(self.peak, highest)
        flat = np.zeros(samples.shape[1], np.bool_)
        if highest > _SILENT_PEAK:
            near = level >= self.peak * (1.0 - _FLAT)
            run = np.all([near[:, k : near.shape[1] - _RUN + 1 + k] for k in range(_RUN)], axis=0).any(axis=0)
            for k in range(_RUN):
                flat[k : len(flat) - _RUN + 1 + k] |= run
        self.counts.append(np.bincount(frame, flat, minlength=int(frame[-1]) + 1).astype(np.int64))
