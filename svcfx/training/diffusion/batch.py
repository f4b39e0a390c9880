"""Crops of takes with the noise that each is drowned in.

B batch, T frames, C content channels, M mel bins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from typing import ClassVar

import numpy as np
import torch

from svcfx.chain.content import units
from svcfx.chain.vocoder import MelFormat
from svcfx.training.crops import Crop, mel_of
from svcfx.training.tensors import Row, Tensors

UNIT_MODE = "nearest"
WIDEST_SHIFT = 5.0
"""Semitones that a crop is moved by at most, either way."""


@dataclass(frozen=True)
class DiffusionBatch(Tensors):
    """What a step works on; float32.

    Attributes:
        content: (B, T, C).
        f0_hz, volume: (B, T).
        mel: (B, T, M), natural log.
        singer: (B,) rows of the speaker table.
        shift: (B,) semitones by which f0 and mel were moved.
        level: (B,) noise level, on the CPU.
        noise: (B, M, T) standard normal.
    """

    stay: ClassVar[frozenset[str]] = frozenset({"level"})
    content: torch.Tensor
    f0_hz: torch.Tensor
    volume: torch.Tensor
    mel: torch.Tensor
    singer: torch.Tensor
    shift: torch.Tensor
    level: torch.Tensor
    noise: torch.Tensor


def joined(crops: Iterable[Crop], form: MelFormat, levels: int, *, augment: bool) -> DiffusionBatch:
    """The batch of some crops of one length.

    Args:
        levels: Noise levels to draw from.
        augment: Whether half of them, as their generators say, are moved in key and loudness.
    """
    return DiffusionBatch.stacked([_row(crop, form, levels, augment=augment) for crop in crops])


def _row(crop: Crop, form: MelFormat, levels: int, *, augment: bool) -> Row:
    item, random, frames = crop.item, crop.random, crop.frames
    level = int(random.integers(0, levels))
    shift, gain = _altered(crop) if augment and random.random() < 0.5 else (0.0, 1.0)
    content = units.spread(torch.from_numpy(item.content), item.frames, UNIT_MODE)[:, frames]
    noise = random.standard_normal((form.bins, crop.stop - crop.first), np.float32)
    return {
        "content": content.T,
        "f0_hz": torch.from_numpy(item.f0_hz[frames]) * 2.0 ** (shift / 12.0),
        "volume": torch.from_numpy(item.volume[frames]) * gain,
        "mel": mel_of(item, frames, form, shift_semitones=shift, gain=gain).T,
        "singer": torch.tensor(crop.row),
        "shift": torch.tensor(shift, dtype=torch.float32),
        "level": torch.tensor(level),
        "noise": torch.from_numpy(noise),
    }


def _altered(crop: Crop) -> tuple[float, float]:
    """A key shift in semitones and a gain at which nothing clips, never above 20 dB."""
    loudest = log10(1.0 / (float(np.abs(crop.item.audio).max()) + 1e-5))
    gain = 10.0 ** crop.random.uniform(-1.0, max(-1.0, min(1.0, loudest)))
    return float(crop.random.uniform(-WIDEST_SHIFT, WIDEST_SHIFT)), gain
