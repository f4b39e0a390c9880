"""Samplers that walk the discrete noise levels: ancestral ("naive"), DDIM, PNDM.

`eps(x, t)` is the network's estimate of the noise in x at level t; x is (B, bins, T) in the normalised mel.

Sources: Ho et al. 2020 (ancestral); Song et al., "Denoising diffusion implicit models", 2021; Liu et al.,
"Pseudo numerical methods for diffusion models on manifolds", 2022.
"""

from collections.abc import Callable

import numpy as np
import torch

from svcfx.chain.diffusion.schedule import NoiseSchedule

Eps = Callable[[torch.Tensor, float], torch.Tensor]
StepNoise = Callable[[int], torch.Tensor]
"""Gaussian noise of a level, shaped as x."""


def ancestral(
    eps: Eps, x: torch.Tensor, schedule: NoiseSchedule, levels: int, step_noise: StepNoise
) -> torch.Tensor:
    """Every level, each with fresh noise; the only sampler that keeps its estimate of the mel in -1..1."""
    table = schedule.tables()
    for t in reversed(range(levels)):
        estimate = eps(x, float(t))
        mel = table["sqrt_recip_alphas_cumprod"][t] * x - table["sqrt_recipm1_alphas_cumprod"][t] * estimate
        mean = table["posterior_mean_coef1"][t] * mel.clamp(-1.0, 1.0)
        x = mean + table["posterior_mean_coef2"][t] * x
        if t > 0:
            x = x + float(np.exp(0.5 * table["posterior_log_variance_clipped"][t])) * step_noise(t)
    return x


def strided_levels(levels: int, stride: int) -> list[int]:
    """Levels that ddim and pndm name: multiples of the stride below `levels`, down to 0."""
    return list(range((levels - 1) // stride * stride, -1, -stride))


def ddim(eps: Eps, x: torch.Tensor, schedule: NoiseSchedule, levels: int, stride: int) -> torch.Tensor:
    """Deterministic steps from level to level.

    The last step would go from level 0 to level 0 and change nothing, so the network is not asked there.
    """
    kept = schedule.kept
    for t in strided_levels(levels, stride)[:-1]:
        here, there = float(kept[t]), float(kept[t - stride])
        turn = np.sqrt((1.0 - there) / there) - np.sqrt((1.0 - here) / here)
        x = float(np.sqrt(there)) * (x / float(np.sqrt(here)) + float(turn) * eps(x, float(t)))
    return x


def pndm(eps: Eps, x: torch.Tensor, schedule: NoiseSchedule, levels: int, stride: int) -> torch.Tensor:
    """Linear multistep over the noise estimates, up to four of them; the first step asks twice.

    As with ddim, the last step changes nothing and is left out.
    """
    past: list[torch.Tensor] = []
    for t in strided_levels(levels, stride)[:-1]:
        now = eps(x, float(t))
        if past:
            slope = _multistep([now, *past])
        else:
            ahead = _transfer(schedule, x, now, t, t - stride)
            slope = (now + eps(ahead, float(t - stride))) / 2.0
        past = [now, *past[:2]]
        x = _transfer(schedule, x, slope, t, t - stride)
    return x


_ADAMS_BASHFORTH = {
    2: (3 / 2, -1 / 2),
    3: (23 / 12, -16 / 12, 5 / 12),
    4: (55 / 24, -59 / 24, 37 / 24, -9 / 24),
}


def _multistep(newest_first: list[torch.Tensor]) -> torch.Tensor:
    weights = _ADAMS_BASHFORTH[len(newest_first)]
    total = weights[0] * newest_first[0]
    for weight, estimate in zip(weights[1:], newest_first[1:], strict=True):
        total = total + weight * estimate
    return total


def _transfer(schedule: NoiseSchedule, x: torch.Tensor, noise: torch.Tensor, t: int, q: int) -> torch.Tensor:
    """Move x from level t to level q along an estimate of its noise."""
    here, there = float(schedule.kept[t]), float(schedule.kept[q])
    root = np.sqrt(here)
    of_x = 1.0 / (root * (root + np.sqrt(there)))
    of_noise = 1.0 / (root * (np.sqrt((1.0 - there) * here) + np.sqrt((1.0 - here) * there)))
    return x + (there - here) * (float(of_x) * x - float(of_noise) * noise)
