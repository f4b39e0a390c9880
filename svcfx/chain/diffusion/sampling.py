"""One door to the samplers, by the names that 4.1 configurations use."""

import torch

from svcfx.chain.config import DIFFUSION_METHODS, DiffusionMethod
from svcfx.chain.diffusion import solvers, stepwise
from svcfx.chain.diffusion.pace import Pace
from svcfx.chain.diffusion.schedule import NoiseSchedule, Path
from svcfx.chain.diffusion.stepwise import Eps, StepNoise
from svcfx.errors import ParamError
from svcfx.params import one_of

Method = DiffusionMethod
METHODS = DIFFUSION_METHODS
_FEWEST = 2


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
