"""Everything that a tuned voice depends on, apart from the recordings and the voice that it begins with."""

from dataclasses import dataclass

from svcfx.errors import ParamError
from svcfx.training import ranges

FRAMES_A_SECOND = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRecipe:
    """How a voice is tuned.

    Attributes:
        steps: Over these the learning rate falls, as a cosine, to a fiftieth.
        batch: Crops a step; seconds: how long each is.
        rate: Learning rate at its highest.
        clip: Largest norm of a step's gradient.
        average: Share of the running average that stays after a step.
        content_noise: Deviation of the noise in what is heard, so that fine marks of a voice drown in it.
    """

    steps: int = 400
    batch: int = 16
    rate: float = 1.5e-3
    clip: float = 2.0
    seed: int = 1234
    seconds: float = 2.4
    warmup: int = 50
    average: float = 0.98
    content_noise: float = 0.15

    @property
    def frames(self) -> int:
        """Frames of a crop, even."""
        return round(self.seconds * FRAMES_A_SECOND / 2) * 2

    def check(self) -> None:
        """Raise `ParamError` when something is out of range."""
        lowest = {"steps": 1, "batch": 1, "rate": 1e-9, "clip": 1e-6, "seed": 0, "seconds": 0.5, "warmup": 1}
        ranges.require_least(self, lowest)
        if not 0.0 <= self.average < 1.0:
            raise ParamError(f"average is {self.average}, allowed are 0 to below 1")
