"""Values on a grid of frames, read between them."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Frames = NDArray[np.intp]


def between(places: Values, frames: int) -> tuple[Frames, Values]:
    """The frame before each place (T,), at most the last but one of `frames`, and how far the place lies
    behind it, 0 to 1; places outside are the ends."""
    at = np.clip(places, 0.0, frames - 1.0)
    before = np.clip(np.floor(at).astype(np.intp), 0, max(frames - 2, 0))
    return before, at - before


def line(f0_hz: Values, before: Frames, share: Values) -> Values:
    """f0 (T,) where `between` says: between two notes by their ratio, beside a gap as the nearer frame."""
    low, high = f0_hz[before], f0_hz[np.minimum(before + 1, len(f0_hz) - 1)]
    sounds = (low > 0) & (high > 0)
    ratio = np.divide(high, low, out=np.ones_like(low), where=sounds)
    return np.asarray(np.where(sounds, low * ratio**share, np.where(share < 0.5, low, high)), np.float64)
