"""The noise of takes, by where they lie in the stem. B takes, T frames, N samples."""

from collections.abc import Sequence

import numpy as np
import torch

from svcfx.chain.svc import noise
from svcfx.chain.svc.noise import Use
from svcfx.chain.svc.take import Take


class NoiseSource:
    """Draws for takes that begin on frames of `hop` samples, with one seed."""

    def __init__(self, takes: Sequence[Take], hop: int, seed: int, device: torch.device) -> None:
        self._takes, self._hop, self._seed, self._device = takes, hop, seed, device

    def frames(self, width: int, use: Use, step: int = 0) -> torch.Tensor:
        """(B, width, T)."""
        drawn = [
            noise.rows(take.first // self._hop, take.frames, width, self._seed, use, step).T
            for take in self._takes
        ]
        return torch.from_numpy(np.stack(drawn)).to(self._device)

    def samples(self, use: Use, partials: int, frames: int | None = None) -> torch.Tensor:
        """(B, N, partials), for an excitation of the takes' frames, or of so many."""
        drawn = [
            noise.rows(take.first, (frames or take.frames) * self._hop, partials, self._seed, use)
            for take in self._takes
        ]
        return torch.from_numpy(np.stack(drawn)).to(self._device)

    def phases(self, partials: int) -> torch.Tensor:
        """Start of each partial in cycles, (B, partials)."""
        starts = np.array([[take.start_cycles] for take in self._takes])
        return torch.from_numpy((starts * np.arange(1, partials + 1)) % 1.0).float().to(self._device)
