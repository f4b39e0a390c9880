"""Which takes a step hears, on which device: a function of the seed and the step alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Order:
    """Takes in one endless row, shuffled anew each time all were heard.

    Attributes:
        frames: Length of each take.
        step_size: Takes a step hears on all devices together.
    """

    frames: Sequence[int]
    step_size: int
    seed: int

    def epoch(self, step: int) -> int:
        """How often all takes were heard before a step."""
        return step * self.step_size // len(self.frames)

    def heard(self, step: int) -> list[tuple[int, int]]:
        """(take, place in the endless row) of a step's takes, the longest first.

        A place is met once in a whole training: it keys all that is random about the take.
        """
        first, count = step * self.step_size, len(self.frames)
        places = range(first, first + self.step_size)
        rows = {epoch: self._shuffled(epoch) for epoch in {place // count for place in places}}
        found = [(int(rows[place // count][place % count]), place) for place in places]
        return sorted(found, key=lambda pair: (-self.frames[pair[0]], pair[1]))

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((self.seed, epoch)).permutation(len(self.frames))
