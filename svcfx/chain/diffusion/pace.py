"""How deep a diffusion starts and how many steps it takes from there."""

from dataclasses import dataclass

from svcfx.errors import ParamError


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
