"""The samplers against distributions whose diffusion can be solved by hand."""

import math

import pytest
import torch

from svcfx.chain.diffusion.schedule import NoiseSchedule, Path
from svcfx.chain.diffusion.shallow import METHODS, Method, Pace, check_method, pace_for_depth, sample
from svcfx.chain.diffusion.stepwise import Eps
from svcfx.errors import ParamError

SCHEDULE = NoiseSchedule(1000)
STRIDED = ("ddim", "pndm")
SOLVERS = ("dpm-solver", "dpm-solver++", "unipc")


def amplitudes(time: float, levels: int, method: Method) -> tuple[float, float]:
    """Share of the mel and of the noise at a model time, as the method at hand counts it."""
    if method in SOLVERS:
        path = Path.of(SCHEDULE, levels, 2 * levels)
        knot = torch.tensor(path.time.copy()).flip(0), torch.tensor(path.log_alpha.copy()).flip(0)
        at = int(torch.searchsorted(knot[0], (time + 1.0) / levels - 1e-12).clamp(1, len(knot[0]) - 1))
        share = ((time + 1.0) / levels - knot[0][at - 1]) / (knot[0][at] - knot[0][at - 1])
        alpha = math.exp(float(knot[1][at - 1] + share * (knot[1][at] - knot[1][at - 1])))
    else:
        alpha = math.sqrt(float(SCHEDULE.kept[int(time)]))
    return alpha, math.sqrt(1.0 - alpha * alpha)


def knows_the_mel(mel: torch.Tensor, levels: int, method: Method) -> Eps:
    """The noise estimate of a model that has only ever seen one mel."""

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        alpha, sigma = amplitudes(time, levels, method)
        return (x - alpha * mel) / sigma

    return eps


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_one_mel_brings_it_back(method: Method) -> None:
    generator = torch.Generator().manual_seed(3)
    mel = torch.empty(1, 4, 6, dtype=torch.float64).uniform_(-0.9, 0.9, generator=generator)
    noise = torch.randn(mel.shape, generator=generator, dtype=torch.float64)
    levels = 60
    kept = float(SCHEDULE.kept[levels - 1])
    start = math.sqrt(kept) * mel + math.sqrt(1.0 - kept) * noise
    eps = knows_the_mel(mel, levels, method)
    found = sample(
        method,
        eps,
        start,
        SCHEDULE,
        Pace.of_steps(levels, 6),
        lambda t: torch.randn(mel.shape, generator=generator),
    )
    assert float((start - mel).abs().max()) > 0.3
    assert float((found - mel).abs().max()) < 0.04  # level 0 still holds noise of 0.01


@pytest.mark.parametrize("method", SOLVERS)
def test_four_times_the_steps_leave_a_tenth_of_the_error(method: Method) -> None:
    """For mels of Gaussian spread s the exact path is x ~ sqrt(alpha^2 s^2 + sigma^2)."""
    levels, spread = 200, 0.6

    def scale(alpha: float, sigma: float) -> float:
        return math.sqrt(alpha * alpha * spread * spread + sigma * sigma)

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        alpha, sigma = amplitudes(time, levels, method)
        return sigma * x / scale(alpha, sigma) ** 2

    def error(steps: int) -> float:
        path = Path.of(SCHEDULE, levels, steps)
        start = torch.ones(1, 1, 1, dtype=torch.float64)
        found = sample(method, eps, start, SCHEDULE, Pace(levels, 1, steps), lambda t: start)
        ends = [scale(float(path.alpha[i]), float(path.sigma[i])) for i in (0, -1)]
        return abs(float(found) - ends[1] / ends[0])

    assert error(20) < 0.02
    assert error(40) < 0.15 * error(10) + 1.2e-4


@pytest.mark.parametrize(("method", "asked"), [("ddim", 9), ("pndm", 10), *((name, 10) for name in SOLVERS)])
def test_no_step_that_changes_nothing_asks_the_network(method: Method, asked: int) -> None:
    times: list[float] = []

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        times.append(time)
        return torch.zeros_like(x)

    start = torch.ones(1, 2, 3)
    sample(method, eps, start, SCHEDULE, Pace.of_speedup(100, 10), lambda t: start)
    assert len(times) == asked


def counted(method: Method, pace: Pace) -> int:
    """How often a run asks the network."""
    times: list[float] = []

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        times.append(time)
        return torch.zeros_like(x)

    start = torch.zeros(1, 1, 1)
    sample(method, eps, start, SCHEDULE, pace, lambda t: start)
    return len(times)


@pytest.mark.parametrize("method", METHODS)
def test_a_single_level_is_walked_by_itself(method: Method) -> None:
    assert counted(method, Pace.of_steps(1, 10)) == 1


def test_steps_are_never_more_than_levels() -> None:
    assert Pace.of_steps(5, 10) == Pace(5, 1, 5)
    assert Pace.of_steps(100, 10) == Pace(100, 10, 10)
    assert Pace.of_speedup(105, 10) == Pace(105, 10, 10)


@pytest.mark.parametrize("method", [*STRIDED, *SOLVERS])
def test_a_single_step_is_refused(method: Method) -> None:
    with pytest.raises(ParamError, match=f"{method.replace('+', '.')} is given 1 step over 100 noise levels"):
        sample(
            method, _never, torch.zeros(1, 1, 1), SCHEDULE, Pace.of_steps(100, 1), lambda t: torch.zeros(1)
        )


def _never(x: torch.Tensor, time: float) -> torch.Tensor:
    raise AssertionError("the network was asked")


def test_depth_is_a_share_of_all_levels() -> None:
    assert pace_for_depth(0.0, 10, 1000) is None
    assert pace_for_depth(0.1, 10, 1000) == Pace(100, 10, 10)
    with pytest.raises(ParamError, match="200 of 1000 levels, and this model knows 100"):
        pace_for_depth(0.2, 10, 1000, deepest_level=100)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ParamError, match="outside 0 to 1"):
            pace_for_depth(wrong, 10, 1000)


def test_an_unknown_method_is_answered_with_the_nearest() -> None:
    with pytest.raises(ParamError, match="did you mean 'unipc'"):
        check_method("unipcs")
