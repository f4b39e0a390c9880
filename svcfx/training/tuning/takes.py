"""The takes of a dataset as a parametric voice knows them, worked out once a run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx.training import items
from svcfx.training.cloning.frames import Frames, frames
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item
from svcfx.training.tuning.recipe import FRAMES_A_SECOND


@dataclass(frozen=True, eq=False)
class TakeFrames:
    """The frames of one take, and the row of its singer."""

    frames: Frames
    row: int


def read(folder: Path, index: DatasetIndex, entries: tuple[DatasetEntry, ...]) -> list[TakeFrames]:
    """All takes of some entries; raises `DatasetError` when a file of them is damaged."""
    rows = {name: row for row, name in enumerate(index.singers)}
    found = []
    for entry in entries:
        item = items.read(folder / entry.file)
        pitch = pitch_of(item, index.hop / index.sample_rate)
        found.append(
            TakeFrames(frames(item.audio, index.sample_rate, pitch, own_highs=True), rows[entry.singer])
        )
    return found


def pitch_of(item: Item, frame_seconds: float) -> NDArray[np.float64]:
    """An item's pitch in Hz at 10 ms frames, 0 where nothing was voiced."""
    count = int(item.frames * frame_seconds * FRAMES_A_SECOND)
    place = np.arange(count) / (FRAMES_A_SECOND * frame_seconds)
    known = np.arange(item.frames)
    f0 = 2.0 ** np.interp(place, known, np.log2(np.maximum(item.f0_hz, 1.0)))
    voiced = item.voiced[np.minimum(np.round(place).astype(int), item.frames - 1)] > 0.5
    return np.where(voiced & (f0 > 20.0), f0, 0.0)
