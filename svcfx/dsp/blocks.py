"""Feed an effect that keeps length block by block, with context on both sides, and join what comes out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp.sola import splice

Wave = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class BlockSizes:
    """Samples: context before and after a block, fade between blocks, reach of the search for its place."""

    before: int
    after: int
    fade: int
    search: int

    @property
    def latency(self) -> int:
        """Samples by which the output is late, the block itself not counted."""
        return self.after + self.fade + self.search


class BlockSplicer:
    """Blocks in, as many samples out, `Sizes.latency` late; mono."""

    def __init__(self, sizes: BlockSizes, effect: Callable[[Wave], Wave]) -> None:
        self.sizes, self.effect = sizes, effect
        self._input = np.zeros(sizes.latency + sizes.before, np.float32)
        self._tail = np.zeros(sizes.fade, np.float32)

    def push(self, block: Wave) -> Wave:
        """Take a block (n,), give the next (n,)."""
        sizes = self.sizes
        heard = np.concatenate([self._input, block])
        made = self.effect(heard)
        wanted = sizes.search + sizes.fade + len(block)
        end = len(made) - sizes.after
        joined = splice(self._tail, made[end - wanted : end], sizes.search)
        self._tail = joined[len(joined) - sizes.fade :]
        self._input = heard[len(heard) - len(self._input) :]
        return joined[: len(joined) - sizes.fade]
