"""How far a long call is: handed to a callback, never printed here."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One report: the `stage` ("stem", "mix", "write"), what it works on, and 0 to 1 of the whole."""

    stage: str
    stem: str
    done_fraction: float


OnProgress = Callable[[Progress], None]


def unheard(progress: Progress) -> None:
    """Take no notice: the default callback."""
