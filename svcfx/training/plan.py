"""How long a run is and what it leaves on the way; what it tells meanwhile."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How long a run is, and what it leaves on the way; none of it changes the weights after a step.

    Attributes:
        check_every: Steps between two checks, each with a state and a preview.
        keep: Last states that stay.
        patience: Checks without a better one after which the run ends; 0 for never.
    """

    steps: int = 10_000
    check_every: int = 500
    report_every: int = 20
    keep: int = 3
    patience: int = 20
    tensorboard: bool = False


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """One report: where the run is, the means of its terms since the last, seconds a step, the last check."""

    step: int
    steps: int
    terms: Mapping[str, float]
    step_seconds: float
    check: float | None = None
    note: str = ""


OnReport = Callable[[TrainingReport], None]


@dataclass
class Best:
    """The best check so far: its step, its distance, and how many came after it."""

    step: int = 0
    score: float = math.inf
    stale: int = 0
