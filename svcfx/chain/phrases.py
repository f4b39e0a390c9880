"""Where a stem sounds: a gate that follows the audio, and the frames that need the nets at all.

Both are local functions of the analysis, so a stream and a whole stem are gated alike. Runs of frames that
need the nets are the phrases; between them nothing is computed and the output is digital silence.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.parametric.level import NEPER

Frames = NDArray[np.float32]
CLOSED_BELOW_LEVEL_DB, OPEN_BELOW_LEVEL_DB = 66.0, 56.0
"""The gate's foot and shoulder under the stem's loud frames."""
CLOSED_DB = -90.0
"""Nothing below this loudness is sung, however quiet the stem."""
HOLD = 3
"""Frames to each side that a sound keeps the gate open."""
FADE = 3
"""Frames to each side over which the gate's steps become raised cosines."""
REACH = HOLD + FADE
RELEASE = 20
"""Frames within which a release is over."""
FLUTTER = 1.0 * NEPER
"""A falling sound may rise by this, a decibel, and still falls."""


def gate(loudness: Frames, level_db: float) -> Frames:
    """Gain (T - 2 `REACH`,) for frames `REACH` to T - `REACH` of natural-log loudness (T,).

    0 where the sound lies `CLOSED_BELOW_LEVEL_DB` under the stem's level or more, 1 from
    `OPEN_BELOW_LEVEL_DB` on; raised cosine in level and in time.
    """
    decibels = loudness / NEPER
    foot = max(level_db - CLOSED_BELOW_LEVEL_DB, CLOSED_DB)
    span = CLOSED_BELOW_LEVEL_DB - OPEN_BELOW_LEVEL_DB
    rise = np.clip((decibels - foot) / span, 0.0, 1.0)
    held = np.lib.stride_tricks.sliding_window_view(rise, 2 * HOLD + 1).max(-1)
    shape = np.hanning(2 * FADE + 3)[1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(held, 2 * FADE + 1)
    faded = (windows * (shape / shape.sum())).sum(-1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(faded, 1.0)), np.float32)


def release(loudness: Frames, level_db: float) -> Frames:
    """How loud frames may be sung at most, (T - `RELEASE`,) of natural-log loudness (T,).

    Infinite, but where the sound does nothing but fall until the gate's foot, within `RELEASE` frames: there
    the quieter of the frame and the next, since a frame hears 20 ms to each side.
    """
    foot = NEPER * max(level_db - CLOSED_BELOW_LEVEL_DB, CLOSED_DB)
    ahead = np.lib.stride_tricks.sliding_window_view(loudness, RELEASE + 1)
    highest = np.maximum.accumulate(ahead[:, ::-1], 1)[:, ::-1]
    open_ = ahead > foot
    falls = ((ahead >= highest - FLUTTER) | ~open_).all(1) & ~open_.all(1)
    return np.where(falls, ahead[:, :2].min(1), np.inf).astype(np.float32)


def extent(gain: Frames) -> tuple[int, int]:
    """First frame that sounds and the one after the last; (0, 0) when none does."""
    sounding = np.flatnonzero(gain)
    return (int(sounding[0]), int(sounding[-1]) + 1) if sounding.size else (0, 0)
