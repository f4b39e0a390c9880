"""Solvers of the diffusion's ordinary differential equation: DPM-Solver, DPM-Solver++, UniPC; second order.

`eps(x, t)` is the network's estimate of the noise at model time t; x is (B, bins, T) in the normalised mel.
A step asks the network once, and none ends with a denoising step of its own.

Sources: Lu et al., "DPM-Solver", 2022, and "DPM-Solver++", 2022 (multistep, data prediction); Zhao et al.,
"UniPC", 2023 (the B2 variant).
"""

import math

import torch

from svcfx.chain.diffusion.schedule import Path
from svcfx.chain.diffusion.stepwise import Eps

_FEW_STEPS = 10
"""Below this many steps the last one is first order, which is stabler."""


def dpm_solver(eps: Eps, x: torch.Tensor, path: Path) -> torch.Tensor:
    """Second-order multistep on the noise estimate."""
    last = len(path.time) - 1
    newest, older = eps(x, path.model_time(0)), None
    for i in range(1, last + 1):
        step = float(path.half_snr[i] - path.half_snr[i - 1])
        slope = _extrapolated(newest, older, path, i, last)
        x = float(path.alpha[i] / path.alpha[i - 1]) * x - float(path.sigma[i]) * math.expm1(step) * slope
        if i < last:
            newest, older = eps(x, path.model_time(i)), newest
    return x


def dpm_solver_pp(eps: Eps, x: torch.Tensor, path: Path) -> torch.Tensor:
    """Second-order multistep on the estimate of the mel (2M)."""
    last = len(path.time) - 1
    newest, older = _mel(eps, x, path, 0), None
    for i in range(1, last + 1):
        step = float(path.half_snr[i] - path.half_snr[i - 1])
        target = _extrapolated(newest, older, path, i, last)
        x = float(path.sigma[i] / path.sigma[i - 1]) * x - float(path.alpha[i]) * math.expm1(-step) * target
        if i < last:
            newest, older = _mel(eps, x, path, i), newest
    return x


def unipc(eps: Eps, x: torch.Tensor, path: Path) -> torch.Tensor:
    """Predictor of order 2 and its corrector on the estimate of the mel; the last step predicts only."""
    last = len(path.time) - 1
    newest, older = _mel(eps, x, path, 0), None
    for i in range(1, last + 1):
        step = float(path.half_snr[i] - path.half_snr[i - 1])
        shrink = math.expm1(-step)
        alpha = float(path.alpha[i])
        base = float(path.sigma[i] / path.sigma[i - 1]) * x - alpha * shrink * newest
        if older is None or i == last:
            slope, ratio = None, 0.0
        else:
            ratio = float(path.half_snr[i - 2] - path.half_snr[i - 1]) / step
            slope = (older - newest) / ratio
        x = base if slope is None else base - alpha * shrink * 0.5 * slope
        if i < last:
            found = _mel(eps, x, path, i)
            x = base - alpha * shrink * _correction(slope, found - newest, ratio, step)
            newest, older = found, newest
    return x


def _mel(eps: Eps, x: torch.Tensor, path: Path, index: int) -> torch.Tensor:
    """Estimate of the mel without noise at a point of the path."""
    noise = eps(x, path.model_time(index))
    return (x - float(path.sigma[index]) * noise) / float(path.alpha[index])


def _extrapolated(
    newest: torch.Tensor, older: torch.Tensor | None, path: Path, i: int, last: int
) -> torch.Tensor:
    """The estimate carried half a step on, in lambda, by the two newest ones."""
    if older is None or (i == last and last < _FEW_STEPS):
        return newest
    step = path.half_snr[i] - path.half_snr[i - 1]
    before = path.half_snr[i - 1] - path.half_snr[i - 2]
    return newest + 0.5 * float(step / before) * (newest - older)


def _correction(slope: torch.Tensor | None, change: torch.Tensor, ratio: float, step: float) -> torch.Tensor:
    """Weighted differences of the corrector; the weights solve its two order conditions."""
    if slope is None:
        return 0.5 * change
    shrink = math.expm1(-step)
    first = shrink / -step - 1.0
    second = first / -step - 0.5
    # [[1, 1], [ratio, 1]] p = (first / shrink, 2 second / shrink)
    upper, lower = first / shrink, 2.0 * second / shrink
    of_slope = (upper - lower) / (1.0 - ratio)
    return of_slope * slope + (upper - of_slope) * change
