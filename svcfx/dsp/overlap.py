"""Put together pieces of sound that were made one after the other.

Two pieces that show the same moment of one signal must be mixed with gains that sum to one. Gains of equal
power are for strangers; on a signal and itself they would make the middle of the seam 3 dB louder.
"""

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import AudioShapeError


def rise(frames: int) -> Samples:
    """Half a cosine from 0 to 1, shape (frames,), sampled between its ends; it and its mirror sum to one.

    >>> (rise(4) + rise(4)[::-1]).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    middle = (np.arange(frames, dtype=np.float64) + 0.5) * (np.pi / max(frames, 1))
    return np.asarray(0.5 * (1.0 - np.cos(middle)), np.float32)


def crossfade(before: Samples, after: Samples) -> Samples:
    """Turn `before` into `after`, both (channels, frames) of the same moment.

    Where the two agree bit for bit, so does the result.

    Raises:
        AudioShapeError: The shapes differ.
    """
    if before.shape != after.shape:
        raise AudioShapeError(f"a crossfade needs two equal shapes, got {before.shape} and {after.shape}")
    return np.asarray(before + (after - before) * rise(before.shape[1]), np.float32)
