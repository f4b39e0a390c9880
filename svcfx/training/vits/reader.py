"""From a dataset to batches: takes read, cut, padded, with the noise that belongs to them."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from svcfx.chain.vits.config import VitsConfig
from svcfx.errors import DatasetError
from svcfx.training import items
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item
from svcfx.training.vits.batch import LONGEST_FRAMES, TrainingNoise, VitsBatch, cut, draw, joined
from svcfx.training.vits.order import Order
from svcfx.training.vits.recipe import VitsRecipe

KEPT_BYTES = 4 << 30
"""Takes are kept in memory up to here; the rest is read again each time."""


class Dataset(Protocol):
    """Takes with cached features, by number."""

    @property
    def frames(self) -> list[int]:
        """Length of each take."""
        ...

    def __len__(self) -> int: ...

    def take(self, number: int) -> tuple[Item, int]:
        """A take and the row of its singer."""
        ...


class Folder:
    """The takes of one part of a prepared dataset; safe for several threads."""

    def __init__(self, folder: Path, index: DatasetIndex, entries: tuple[DatasetEntry, ...]) -> None:
        self._folder, self._index, self._entries = folder, index, entries
        self._rows = {name: row for row, name in enumerate(index.singers)}
        self._kept: dict[int, Item] = {}
        self._free = KEPT_BYTES
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def frames(self) -> list[int]:
        """Length of each take."""
        return [entry.frames for entry in self._entries]

    def take(self, number: int) -> tuple[Item, int]:
        """A take and its singer's row; raises `DatasetError` when its file is not what the index says."""
        entry = self._entries[number]
        item = self._kept.get(number)
        if item is None:
            item = self._read(entry)
            size = item.content.nbytes + item.spectrogram.nbytes + item.audio.nbytes
            with self._lock:
                if size <= self._free:
                    self._kept[number], self._free = item, self._free - size
        return item, self._rows[entry.singer]

    def _read(self, entry: DatasetEntry) -> Item:
        item = items.read(self._folder / entry.file)
        bins = self._index.fft // 2 + 1
        if (item.frames, len(item.spectrogram)) != (entry.frames, bins):
            raise DatasetError(
                f"item '{entry.file}' has {item.frames} frames of {len(item.spectrogram)} bins,"
                f" the index says {entry.frames} of {bins}",
                hint=items.AGAIN,
            )
        return item


@dataclass(frozen=True)
class BatchPart:
    """What one device works on at one time."""

    batch: VitsBatch
    noise: TrainingNoise


@dataclass(frozen=True)
class Reader:
    """Makes the batches of a step for one device of several.

    Attributes:
        rank, world: Number of this device, and how many there are.
    """

    dataset: Dataset
    config: VitsConfig
    unit_mode: str
    recipe: VitsRecipe
    rank: int = 0
    world: int = 1

    @property
    def order(self) -> Order:
        """The order of takes over all devices."""
        size = self.recipe.batch * self.recipe.accumulate * self.world
        return Order(self.dataset.frames, size, self.recipe.seed)

    def items_and_frames(self, step: int) -> tuple[int, int]:
        """What the whole step holds on all devices, for the losses to divide by."""
        heard = self.order.heard(step)
        return len(heard), sum(min(self.dataset.frames[take], LONGEST_FRAMES) for take, _ in heard)

    def parts(self, step: int) -> list[BatchPart]:
        """This device's batches of a step; takes of like length lie together."""
        heard = self.order.heard(step)
        size = self.recipe.batch
        mine = range(self.rank * size, len(heard), size * self.world)
        return [self._part(heard[first : first + size]) for first in mine]

    def _part(self, heard: list[tuple[int, int]]) -> BatchPart:
        rows, singers, randoms = [], [], []
        for number, place in heard:
            item, singer = self.dataset.take(number)
            random = np.random.default_rng((self.recipe.seed, 1, place))
            rows.append(cut(item, self.unit_mode, self.config.hop, random))
            singers.append(singer)
            randoms.append(random)
        batch = joined(rows, singers, self.config.hop)
        return BatchPart(batch, draw(self.config, batch.f0_hz.shape[-1], randoms, self.recipe.segment))
