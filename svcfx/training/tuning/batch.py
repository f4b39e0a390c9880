"""Takes of a dataset as a parametric voice knows them, and crops of them as a step hears them.

They are worked out once a run, and disturbed anew each time they are heard, while what is wanted stays the
singer's own. B crops, T frames. So little is left of who is heard that the voice has to be in the decoder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.parametric import level, nets
from svcfx.chain.parametric.level import Level
from svcfx.training import items
from svcfx.training.cloning.frames import Frames, frames
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item
from svcfx.training.tensors import Tensors
from svcfx.training.tuning.disturb import disturb
from svcfx.training.tuning.recipe import FRAMES_A_SECOND, TuningRecipe
from svcfx.training.vits.order import Order

QUIET_WEIGHT = 0.05
"""Pauses show that nothing is sung there, and the room, which nobody wants."""


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


@dataclass(frozen=True, eq=False)
class TuningBatch(Tensors):
    """What the nets are given, and what they should give.

    `log_mel` (B, 80, T) as the encoder wants it, `noise` (B, T / 2, C), `controls` (B, T, 4), `row` (B,);
    `envelope` (B, T, 80), `aperiodicity` (B, T, 6), `loudness`, `weight` and `voiced` (B, T).
    """

    log_mel: torch.Tensor
    noise: torch.Tensor
    controls: torch.Tensor
    row: torch.Tensor
    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    loudness: torch.Tensor
    weight: torch.Tensor
    voiced: torch.Tensor


@dataclass(frozen=True)
class CropDrawing:
    """Draws the batch of a step: a function of the seed, the step and the takes alone."""

    takes: Sequence[TakeFrames]
    recipe: TuningRecipe
    reference: level.Frames
    content: int

    def step(self, step: int) -> TuningBatch:
        """The crops of a step."""
        recipe = self.recipe
        random = np.random.default_rng((recipe.seed, 1, step))
        order = Order([len(take.frames) for take in self.takes], recipe.batch, recipe.seed)
        takes = [self.takes[number] for number, _ in order.heard(step)]
        cuts = [_cut(take.frames, recipe.frames, random) for take in takes]
        return self._joined(takes, cuts, random)

    def _joined(
        self, takes: list[TakeFrames], cuts: list[Frames], random: np.random.Generator
    ) -> TuningBatch:
        heard, f0 = (torch.stack([getattr(cut, name) for cut in cuts]) for name in ("log_mel", "f0_hz"))
        loud = torch.tensor([cut.level.loudness_db * level.NEPER for cut in cuts])
        mean = torch.from_numpy(np.array([cut.level.mean_mel for cut in cuts], np.float32))
        heard, loud, mean, f0, gain = disturb(heard, loud, mean, f0, random)
        seen = [
            level.normalise(frames, Level(float(db) / level.NEPER, colour.numpy()), self.reference)
            for frames, db, colour in zip(heard, loud, mean, strict=True)
        ]
        noise = random.standard_normal((len(cuts), heard.shape[1] // 2, self.content), np.float32)
        wanted = {
            name: torch.stack([getattr(cut, name) for cut in cuts])
            for name in ("envelope", "aperiodicity", "voiced")
        }
        return TuningBatch(
            log_mel=torch.stack(seen).transpose(1, 2),
            noise=torch.from_numpy(noise) * self.recipe.content_noise,
            controls=nets.controls(level.loudness(heard) - loud[:, None], f0),
            row=torch.tensor([take.row for take in takes]),
            loudness=torch.stack([cut.loudness for cut in cuts]) + gain,
            weight=torch.stack([weight(cut) for cut in cuts]),
            **wanted,
        )


def whole(take: TakeFrames, reference: level.Frames, content: int) -> TuningBatch:
    """One take from its beginning to its end, as it is."""
    own = take.frames
    return TuningBatch(
        log_mel=level.normalise(own.log_mel, own.level, reference).T[None],
        noise=torch.zeros(1, len(own) // 2, content),
        controls=nets.controls(own.loudness, own.f0_hz)[None],
        row=torch.tensor([take.row]),
        envelope=own.envelope[None],
        aperiodicity=own.aperiodicity[None],
        loudness=own.loudness[None],
        weight=weight(own)[None],
        voiced=own.voiced[None],
    )


def weight(own: Frames) -> torch.Tensor:
    """How far frames (T,) tell of the singer."""
    return own.audible.clamp_min(QUIET_WEIGHT)


def _cut(own: Frames, length: int, random: np.random.Generator) -> Frames:
    """A crop; a take that is shorter is said again until it is long enough."""
    first = 2 * int(random.integers(0, max(0, len(own) - length) // 2 + 1))
    at = torch.from_numpy((first + np.arange(length)) % len(own))
    arrays = {f.name: getattr(own, f.name)[at] for f in fields(own) if f.name != "level"}
    return Frames(level=own.level, **arrays)
