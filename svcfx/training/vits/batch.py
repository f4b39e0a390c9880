"""A batch of takes of different lengths, zero padded, and the randomness that belongs to each of them.

B batch, C content channels, T frames of the longest take, N = hop T samples, Z latent channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from svcfx.chain.content import units
from svcfx.chain.vits.config import PARTIALS, VitsConfig
from svcfx.training.items import Item
from svcfx.training.tensors import Tensors

SEGMENT_FRAMES = 20
"""Frames that the decoder sings in one step of training."""
LONGEST_FRAMES = 790
"""Longer takes are cut to that many frames at a random place."""
CONTOUR_RANGE = (0.8, 1.2)
"""The contour that the f0 decoder hears is stretched by a factor from here."""


@dataclass(frozen=True)
class VitsBatch(Tensors):
    """What is known of the takes; all float32, zero behind each take's end.

    Attributes:
        content: (B, C, T).
        f0_hz, voiced, volume: (B, T).
        spectrogram: (B, fft / 2 + 1, T).
        audio: (B, N).
        singer: (B,) rows of the speaker table.
        frames: (B,) lengths.
    """

    content: torch.Tensor
    f0_hz: torch.Tensor
    voiced: torch.Tensor
    volume: torch.Tensor
    spectrogram: torch.Tensor
    audio: torch.Tensor
    singer: torch.Tensor
    frames: torch.Tensor

    @property
    def mask(self) -> torch.Tensor:
        """(B, 1, T), 1 inside a take."""
        places = torch.arange(self.f0_hz.shape[-1], device=self.frames.device)
        return (places < self.frames[:, None]).float()[:, None]


@dataclass(frozen=True)
class TrainingNoise(Tensors):
    """All that is random in a step but the dropout.

    Attributes:
        posterior: (B, Z, T) standard normal.
        place: (B,) 0 to 1, where in a take the segment lies.
        stretch: (B,) factor of the contour.
        phases: (B, 9) start of each partial in cycles, the first 0.
        source: (B, 9, hop * segment) standard normal.
    """

    posterior: torch.Tensor
    place: torch.Tensor
    stretch: torch.Tensor
    phases: torch.Tensor
    source: torch.Tensor


def starts(batch: VitsBatch, noise: TrainingNoise, segment: int = SEGMENT_FRAMES) -> torch.Tensor:
    """First frame of each segment, (B,)."""
    return (noise.place * (batch.frames - segment).clamp_min(0)).long()


def cut(item: Item, unit_mode: str, hop: int, random: np.random.Generator) -> dict[str, torch.Tensor]:
    """An item as one row of a batch: units spread over frames, a long take cut at a place that is drawn."""
    frames = item.frames
    first = int(random.integers(0, frames - LONGEST_FRAMES + 1)) if frames > LONGEST_FRAMES else 0
    kept = slice(first, first + min(frames, LONGEST_FRAMES))
    content = units.spread(torch.from_numpy(item.content), frames, unit_mode)
    audio = torch.from_numpy(item.audio)
    audio = functional.pad(audio, (0, max(0, frames * hop - len(audio))))
    return {
        "content": content[:, kept],
        "f0_hz": torch.from_numpy(item.f0_hz)[kept],
        "voiced": torch.from_numpy(item.voiced)[kept],
        "volume": torch.from_numpy(item.volume)[kept],
        "spectrogram": torch.from_numpy(item.spectrogram)[:, kept],
        "audio": audio[kept.start * hop : kept.stop * hop],
    }


def joined(rows: Sequence[dict[str, torch.Tensor]], singers: Sequence[int], hop: int) -> VitsBatch:
    """Rows of `cut` padded to one length, at least a segment long."""
    frames = [row["f0_hz"].shape[-1] for row in rows]
    longest = max(*frames, SEGMENT_FRAMES)

    def padded(key: str) -> torch.Tensor:
        length = longest * (hop if key == "audio" else 1)
        return torch.stack([functional.pad(row[key], (0, length - row[key].shape[-1])) for row in rows])

    return VitsBatch(
        **{key: padded(key) for key in rows[0]}, singer=torch.tensor(singers), frames=torch.tensor(frames)
    )


def draw(
    config: VitsConfig, frames: int, randoms: Sequence[np.random.Generator], segment: int = SEGMENT_FRAMES
) -> TrainingNoise:
    """Noise for takes padded to `frames`: each draws from its own generator, its own before the padding.

    Numbers of a take come frame by frame, so they do not depend on what it is padded to.
    """
    posterior, place, stretch, phases, source = [], [], [], [], []
    for random in randoms:
        place.append(random.random())
        stretch.append(random.uniform(*CONTOUR_RANGE))
        start = random.random(PARTIALS, np.float32)
        start[0] = 0.0
        phases.append(start)
        samples = segment * config.hop if config.decoder.startswith("nsf") else 0
        source.append(random.standard_normal((PARTIALS, samples), np.float32))
        posterior.append(random.standard_normal((frames, config.inter), np.float32).T)
    return TrainingNoise(
        posterior=torch.from_numpy(np.stack(posterior)),
        place=torch.tensor(place, dtype=torch.float64),
        stretch=torch.tensor(stretch, dtype=torch.float32),
        phases=torch.from_numpy(np.stack(phases)),
        source=torch.from_numpy(np.stack(source)),
    )
