"""Randomness as a function of place: row k is the same whichever phrase, block or worker asks for it."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

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
