"""Stretches of takes, all of one length, at places that are drawn anew each time a take is heard."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from svcfx.chain.vocoder import MelFormat, log_mel
from svcfx.errors import DatasetError
from svcfx.training.items import Item
from svcfx.training.vits.order import Order
from svcfx.training.vits.reader import Dataset


@dataclass(frozen=True)
class Crop:
    """Frames `first` to `stop` of an item, its singer's row, and the generator of all that is random here."""

    item: Item
    row: int
    first: int
    stop: int
    random: np.random.Generator

    @property
    def frames(self) -> slice:
        """The frames, to cut a curve of the item with."""
        return slice(self.first, self.stop)


@dataclass(frozen=True)
class Crops:
    """Draws the crops of a step for one device of several.

    Attributes:
        numbers: Takes of the dataset that are long enough.
        length: Frames of each crop.
        size: Crops a step on each device.
        rank, world: Number of this device, and how many there are.
    """

    dataset: Dataset
    numbers: tuple[int, ...]
    length: int
    size: int
    seed: int
    rank: int = 0
    world: int = 1

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        length: int,
        size: int,
        seed: int,
        seconds: float,
        *,
        rank: int = 0,
        world: int = 1,
    ) -> "Crops":
        """All takes that are as long as a crop; raises `DatasetError` when none is."""
        frames = dataset.frames
        numbers = tuple(number for number, count in enumerate(frames) if count >= length)
        if not numbers:
            longest = max(frames, default=0) * seconds / length
            raise DatasetError(
                f"no take to train on is as long as {seconds:g} s, the longest has {longest:.1f} s",
                hint="Prepare recordings that are sung in longer phrases.",
            )
        return cls(dataset, numbers, length, size, seed, rank, world)

    @property
    def left_out(self) -> str:
        """How many takes are too short, in words; "" when none is."""
        short = len(self.dataset) - len(self.numbers)
        return f"{short} of {len(self.dataset)} takes are shorter than a crop and left out" if short else ""

    @property
    def order(self) -> Order:
        """The order of the takes."""
        frames = [self.dataset.frames[number] for number in self.numbers]
        return Order(frames, self.size * self.world, self.seed)

    def step(self, step: int) -> Iterator[Crop]:
        """This device's crops of a step; what they draw depends on seed, step and take alone."""
        mine = slice(self.rank * self.size, (self.rank + 1) * self.size)
        for number, place in self.order.heard(step)[mine]:
            item, row = self.dataset.take(self.numbers[number])
            random = np.random.default_rng((self.seed, 1, place))
            first = int(random.integers(0, item.frames - self.length + 1))
            yield Crop(item, row, first, first + self.length, random)


def audio_of(item: Item, frames: slice, hop: int) -> torch.Tensor:
    """The samples of some frames, (N,); zeros where the item ends before its last frame does."""
    kept = item.audio[frames.start * hop : frames.stop * hop]
    return torch.from_numpy(np.pad(kept, (0, (frames.stop - frames.start) * hop - len(kept))))


def mel_of(
    item: Item, frames: slice, form: MelFormat, *, shift_semitones: float = 0.0, gain: float = 1.0
) -> torch.Tensor:
    """The log mel of some frames as the mel of the whole take has them, (bins, T)."""
    around = 1 + form.window_samples // form.hop_samples  # more than half a window at the widest shift
    first, stop = max(0, frames.start - around), min(item.frames, frames.stop + around)
    audio = audio_of(item, slice(first, stop), form.hop_samples) * gain
    mel = log_mel(audio[None], form, shift_semitones)[0]
    return mel[:, frames.start - first : frames.stop - first]
