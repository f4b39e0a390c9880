"""The refiner at work: frames of a stem, each from its own depth, the same in whatever stretch they come."""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.config import ChainSettings
from svcfx.chain.diffusion.shallow import pace_for_depth, sample
from svcfx.chain.parametric import synthesis
from svcfx.chain.parametric.bands import BANDS
from svcfx.chain.parametric.nets import Envelope, at_loudness_zero
from svcfx.chain.parametric.refiner import SCHEDULE, SPREAD, EnvelopeRefiner

Frames = NDArray[np.float32]
REACH = 2
"""Frames to each side that noise is shared with: a decoder's errors last about as long."""
TEMPERATURE = 0.5
"""Of the noise: at 1 the variance is the singer's own, and so is what a listener must guess of the words."""
SEED = 0x5EED
"""Added to the voice's seed, so that the envelope's noise is not the breath's."""


def smooth(white: Frames) -> Frames:
    """Unit noise (T, 80) that neighbouring frames share, from white noise (T + 4, 80)."""
    taps = np.hanning(2 * REACH + 3)[1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(white, len(taps), axis=0)
    return np.asarray(windows @ (taps / np.sqrt(np.sum(taps**2))).astype(np.float32), np.float32)


def noise_at(first: int, frames: int, seed: int) -> Frames:
    """The noise of absolute frames from `first` on, (frames, 80)."""
    rows = frames + 2 * REACH
    white = synthesis.noise_at((first - REACH) * BANDS, rows * BANDS, seed + SEED)
    return smooth(white.reshape(rows, BANDS))


def redraw(
    refiner: EnvelopeRefiner,
    made: Envelope,
    condition: torch.Tensor,
    depth: NDArray[np.float64],
    first: int,
    settings: ChainSettings,
) -> Envelope:
    """Frames (1, T, ...) with the envelopes of those whose `depth` (T,) is above 0 drawn again.

    Args:
        refiner: Of the voice.
        made: What the decoder made of frames `first` on.
        condition: (1, T, W) of `refiner.condition`.
        depth: 0 to 1 for each frame.
        first: Absolute index of frame 0.
        settings: The sampler, its steps, and the seed.

    Raises:
        ParamError: The sampler cannot walk in so few steps.
    """
    levels = np.round(depth * SCHEDULE.timesteps).astype(int)
    noise = noise_at(first, len(depth), settings.seed)
    residual = np.zeros_like(noise)
    for level in np.unique(levels[levels > 0]):
        where = np.flatnonzero(levels == level)
        residual[where] = _drawn(
            refiner, condition[:, where], noise[where], int(level), where + first, settings
        )
    moved = at_loudness_zero(made.envelope + SPREAD * refiner.scale * torch.from_numpy(residual))
    redrawn = torch.from_numpy(levels > 0)[:, None]
    return made._replace(envelope=torch.where(redrawn, moved, made.envelope))


def _drawn(
    refiner: EnvelopeRefiner,
    condition: torch.Tensor,
    noise: Frames,
    levels: int,
    frames: NDArray[np.int64],
    settings: ChainSettings,
) -> Frames:
    """Residual (n, 80) of frames that all start at one level."""
    pace = pace_for_depth(levels / SCHEDULE.timesteps, settings.diffusion_steps, SCHEDULE.timesteps)
    assert pace is not None
    low, count = int(frames[0]), int(frames[-1] - frames[0]) + 1

    def step_noise(time: int) -> torch.Tensor:
        fresh = noise_at(low, count, settings.seed + 1 + time)[frames - low]
        return TEMPERATURE * torch.from_numpy(fresh.T[None])

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        return torch.as_tensor(refiner(x, time, condition))

    amplitude = TEMPERATURE * math.sqrt(1.0 - float(SCHEDULE.kept[levels - 1]))
    start = amplitude * torch.from_numpy(noise.T[None])
    found = sample(settings.diffusion_method, eps, start, SCHEDULE, pace, step_noise)
    return np.asarray(found[0].T.numpy(), np.float32)
