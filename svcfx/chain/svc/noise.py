"""Randomness as a function of place: row k is the same whichever phrase, block or worker asks for it.

B takes, T frames, N samples.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.svc.take import Take

BLOCK_VALUES = 1 << 15
"""Numbers drawn at once; a block is as many rows as that holds."""


class Use(IntEnum):
    """What is drawn; uses never share numbers."""

    PRIOR = 1
    SOURCE = 2
    START = 3
    STEP = 4
    VOCODER = 5


def rows(first: int, count: int, width: int, seed: int, use: Use, step: int = 0) -> NDArray[np.float32]:
    """Standard normal numbers (count, width) of rows `first` on; `first` may be negative."""
    block = max(BLOCK_VALUES // width, 1)
    start = first // block
    last = (first + count - 1) // block
    pieces = [
        np.random.default_rng((seed, int(use), step, number & 0xFFFFFFFF)).standard_normal(
            (block, width), np.float32
        )
        for number in range(start, last + 1)
    ]
    return np.concatenate([*pieces, np.zeros((0, width), np.float32)])[first - start * block :][:count]


class NoiseSource:
    """Draws for takes that begin on frames of `hop` samples, with one seed."""

    def __init__(self, takes: Sequence[Take], hop: int, seed: int, device: torch.device) -> None:
        self._takes, self._hop, self._seed, self._device = takes, hop, seed, device

    def frames(self, width: int, use: Use, step: int = 0) -> torch.Tensor:
        """(B, width, T)."""
        drawn = [
            rows(take.first // self._hop, take.frames, width, self._seed, use, step).T for take in self._takes
        ]
        return torch.from_numpy(np.stack(drawn)).to(self._device)

    def samples(self, use: Use, partials: int, frames: int | None = None) -> torch.Tensor:
        """(B, N, partials), for an excitation of the takes' frames, or of so many."""
        drawn = [
            rows(take.first, (frames or take.frames) * self._hop, partials, self._seed, use)
            for take in self._takes
        ]
        return torch.from_numpy(np.stack(drawn)).to(self._device)

    def phases(self, partials: int) -> torch.Tensor:
        """Start of each partial in cycles, (B, partials)."""
        starts = np.array([[take.start_cycles] for take in self._takes])
        return torch.from_numpy((starts * np.arange(1, partials + 1)) % 1.0).float().to(self._device)
