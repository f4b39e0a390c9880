"""How much noise a mel holds at each time of the diffusion, as tables and as a continuous path.

Source: Ho et al., "Denoising diffusion probabilistic models", 2020, with a linear schedule; the path is the
variance-preserving one of Lu et al., "DPM-Solver", 2022.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

FIRST_BETA, LAST_BETA = 1e-4, 0.02


@dataclass(frozen=True)
class NoiseSchedule:
    """A linear schedule of `timesteps` noise levels; level t is what is left after t + 1 steps of noise."""

    timesteps: int

    @cached_property
    def betas(self) -> Table:
        """Variance that each step adds, (timesteps,)."""
        return np.linspace(FIRST_BETA, LAST_BETA, self.timesteps)

    @cached_property
    def kept(self) -> Table:
        """Share of the mel's power still there at each level, (timesteps,): running product of 1 - beta."""
        return np.asarray(np.cumprod(1.0 - self.betas), np.float64)

    def tables(self) -> dict[str, Table]:
        """The tables that a 4.1 file stores, by the names it gives them."""
        kept, betas = self.kept, self.betas
        before = np.concatenate([[1.0], kept[:-1]])
        variance = betas * (1.0 - before) / (1.0 - kept)
        return {
            "betas": betas,
            "alphas_cumprod": kept,
            "alphas_cumprod_prev": before,
            "sqrt_alphas_cumprod": np.sqrt(kept),
            "sqrt_one_minus_alphas_cumprod": np.sqrt(1.0 - kept),
            "log_one_minus_alphas_cumprod": np.log(1.0 - kept),
            "sqrt_recip_alphas_cumprod": np.sqrt(1.0 / kept),
            "sqrt_recipm1_alphas_cumprod": np.sqrt(1.0 / kept - 1.0),
            "posterior_variance": variance,
            "posterior_log_variance_clipped": np.log(np.maximum(variance, 1e-20)),
            "posterior_mean_coef1": betas * np.sqrt(before) / (1.0 - kept),
            "posterior_mean_coef2": (1.0 - before) * np.sqrt(1.0 - betas) / (1.0 - kept),
        }


@dataclass(frozen=True)
class Path:
    """The points an ODE solver visits on the first `levels` noise levels of a schedule.

    time: (S + 1,) from 1 down to 1 / levels; log_alpha: log share of the mel's amplitude;
    sigma: amplitude of the noise; half_snr: lambda, log alpha - log sigma.
    """

    time: Table
    log_alpha: Table
    levels: int

    @classmethod
    def of(cls, schedule: NoiseSchedule, levels: int, steps: int) -> "Path":
        """`steps` equal steps in time. The last point is time 1 / levels: no noise is taken below it."""
        knots = np.arange(1, levels + 1) / levels
        logs = 0.5 * np.cumsum(np.log(1.0 - schedule.betas[:levels]))
        time = np.linspace(1.0, 1.0 / levels, steps + 1)
        return cls(time, np.interp(time, knots, logs), levels)

    @cached_property
    def alpha(self) -> Table:
        """Amplitude of the mel at each point."""
        return np.exp(self.log_alpha)

    @cached_property
    def sigma(self) -> Table:
        """Amplitude of the noise at each point."""
        return np.sqrt(-np.expm1(2.0 * self.log_alpha))

    @cached_property
    def half_snr(self) -> Table:
        """Lambda at each point, rising."""
        return np.asarray(self.log_alpha - np.log(self.sigma))

    def model_time(self, index: int) -> float:
        """The time that the network is told at a point: 99.0, 89.1 ... for 100 levels in 10 steps."""
        return float(self.time[index] * self.levels - 1.0)
