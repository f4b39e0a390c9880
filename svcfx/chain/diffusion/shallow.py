"""Shallow diffusion: drown a mel in noise down to a level, and draw it again from there.

B batch, T frames. Mels are natural-log, (B, T, bins); inside, they are normalised and (B, bins, T).

Source: Liu et al., "DiffSinger: singing voice synthesis via shallow diffusion mechanism", 2022.
"""

import math

import torch

from svcfx.chain.diffusion.pace import Pace
from svcfx.chain.diffusion.sampling import Method, sample
from svcfx.chain.diffusion.schedule import NoiseSchedule
from svcfx.chain.diffusion.stepwise import StepNoise
from svcfx.chain.diffusion.unit2mel import Unit2Mel

LOWEST, HIGHEST = -12.0, 2.0
"""Log-mel values that become -1 and 1; nothing is clamped to them."""


def normalise(log_mel: torch.Tensor) -> torch.Tensor:
    """(B, T, bins) natural log -> (B, bins, T), about -1..1."""
    return ((log_mel - LOWEST) / (HIGHEST - LOWEST) * 2.0 - 1.0).transpose(1, 2)


def denormalise(x: torch.Tensor) -> torch.Tensor:
    """(B, bins, T) about -1..1 -> (B, T, bins) natural log."""
    return ((x + 1.0) / 2.0 * (HIGHEST - LOWEST) + LOWEST).transpose(1, 2)


def shallow_start(
    log_mel: torch.Tensor, noise: torch.Tensor, schedule: NoiseSchedule, levels: int
) -> torch.Tensor:
    """The mel (B, T, bins) at the last of `levels` noise levels, with `noise` (B, bins, T) in it."""
    kept = float(schedule.kept[levels - 1])
    return math.sqrt(kept) * normalise(log_mel) + math.sqrt(1.0 - kept) * noise


def refine(
    model: Unit2Mel,
    condition: torch.Tensor,
    start: torch.Tensor,
    *,
    method: Method,
    pace: Pace,
    step_noise: StepNoise,
) -> torch.Tensor:
    """Draw a mel from a noisy start; the condition's part of every layer is computed once.

    Args:
        condition: (B, T, hidden) of `model.conditioning`.
        start: (B, bins, T) of `shallow_start`, or pure noise for a model that sings alone.
        step_noise: Noise of a level, asked by the "naive" method alone.

    Returns:
        Natural-log mel, (B, T, bins).
    """
    hoisted = model.denoiser.hoist(condition.transpose(1, 2))

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        return torch.as_tensor(model.denoiser(x, time, hoisted))

    return denormalise(sample(method, eps, start, model.schedule, pace, step_noise))
