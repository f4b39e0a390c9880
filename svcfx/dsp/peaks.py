"""What a picture of a waveform is drawn from: the lowest and the highest sample of each stretch."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Audio

Peaks = NDArray[np.float32]


def peaks(pieces: Iterable[Audio], frames: int) -> Peaks:
    """Lowest and highest sample of all channels in each `frames`, shape (n, 2); the last may be short.

    Args:
        pieces: A file in pieces, each but the last a whole multiple of `frames` long.
        frames: Length of a stretch.
    """
    found = [_of(piece.samples, frames) for piece in pieces]
    return np.concatenate([*found, np.zeros((0, 2), np.float32)])


def _of(samples: NDArray[np.float32], frames: int) -> Peaks:
    starts = np.arange(0, samples.shape[1], frames)
    low = np.minimum.reduceat(samples.min(axis=0), starts)
    high = np.maximum.reduceat(samples.max(axis=0), starts)
    return np.stack([low, high], axis=1).astype(np.float32)
