"""Shallow diffusion: drown a mel in noise down to a level, and draw it again from there, in so many steps.

B batch, T frames. Mels are natural-log, (B, T, bins); inside, they are normalised and (B, bins, T).

Source: Liu et al., "DiffSinger: singing voice synthesis via shallow diffusion mechanism", 2022.
"""

import math
from dataclasses import dataclass

import torch

from svcfx.chain.config import DIFFUSION_METHODS, DiffusionMethod
from svcfx.chain.diffusion import solvers, stepwise
from svcfx.chain.diffusion.schedule import NoiseSchedule, Path
from svcfx.chain.diffusion.stepwise import Eps, StepNoise
from svcfx.chain.diffusion.unit2mel import Unit2Mel
from svcfx.errors import ParamError
from svcfx.params import one_of

LOWEST, HIGHEST = -12.0, 2.0
"""Log-mel values that become -1 and 1; nothing is clamped to them."""
Method = DiffusionMethod
METHODS = DIFFUSION_METHODS
_FEWEST = 2


@dataclass(frozen=True)
class Pace:
    """Start level and stride of a run.

    levels: noise levels to walk down (k); stride: levels that ddim and pndm skip at a time;
    steps: equal steps of the ODE solvers.
    """

    levels: int
    stride: int
    steps: int

    @classmethod
    def of_speedup(cls, levels: int, speedup: int) -> "Pace":
        """The pace of a 4.1 configuration, which names a speed-up."""
        stride = max(1, speedup)
        return cls(levels, stride, levels // stride)

    @classmethod
    def of_steps(cls, levels: int, steps: int) -> "Pace":
        """At most `steps` steps over `levels` levels, and never more steps than levels.

        Raises:
            ParamError: Fewer than one step.
        """
        if steps < 1:
            raise ParamError(f"diffusion steps is {steps}, below 1")
        taken = min(steps, levels)
        return cls(levels, -(-levels // max(1, taken)), taken)


def pace_for_depth(depth: float, steps: int, timesteps: int, deepest_level: int = 0) -> Pace | None:
    """The pace of `diffusion_depth`, a share 0..1 of all levels; None when there is nothing to do.

    Args:
        depth: 0 (no diffusion) to 1 (from pure noise).
        steps: Steps wanted.
        timesteps: Levels of the model's schedule.
        deepest_level: The model's k_step_max; 0 when it was trained on all levels.

    Raises:
        ParamError: The depth is out of range, or deeper than the model was trained for.
    """
    if not 0.0 <= depth <= 1.0:
        raise ParamError(f"diffusion_depth is {depth:g}, outside 0 to 1")
    levels = round(depth * timesteps)
    limit = deepest_level if 0 < deepest_level < timesteps else timesteps
    if levels > limit:
        raise ParamError(
            f"diffusion_depth is {depth:g}: {levels} of {timesteps} levels, and this model knows {limit}",
            hint=f"Use a depth of at most {limit / timesteps:g}.",
        )
    return Pace.of_steps(levels, steps) if levels else None


def check_method(name: str) -> Method:
    """`name` when it is a sampler's, else `ParamError` with the nearest."""
    return one_of("diffusion_method", name, METHODS)


def sample(
    method: Method, eps: Eps, start: torch.Tensor, schedule: NoiseSchedule, pace: Pace, step_noise: StepNoise
) -> torch.Tensor:
    """Walk a noisy normalised mel (B, bins, T) down to its clean one.

    Fewer than two levels are always walked one by one, as "naive" walks all of them. `step_noise(t)` is
    asked by "naive" alone, for t = levels - 1 down to 1.

    Raises:
        ParamError: A method other than "naive" is given a single step.
    """
    if method == "naive" or pace.levels < _FEWEST:
        return stepwise.ancestral(eps, start, schedule, pace.levels, step_noise)
    _check_steps(method, pace)
    if method == "ddim":
        return stepwise.ddim(eps, start, schedule, pace.levels, pace.stride)
    if method == "pndm":
        return stepwise.pndm(eps, start, schedule, pace.levels, pace.stride)
    path = Path.of(schedule, pace.levels, pace.steps)
    if method == "dpm-solver":
        return solvers.dpm_solver(eps, start, path)
    if method == "dpm-solver++":
        return solvers.dpm_solver_pp(eps, start, path)
    return solvers.unipc(eps, start, path)


def _check_steps(method: Method, pace: Pace) -> None:
    strided = method in ("ddim", "pndm")
    steps = -(-pace.levels // pace.stride) if strided else pace.steps
    if steps < _FEWEST:
        raise ParamError(
            f"{method} is given {steps} step over {pace.levels} noise levels, below {_FEWEST}",
            hint="Ask for more steps, or for a smaller speed-up.",
        )


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
