"""Times of a project's timelines, beats or seconds, as seconds of the song."""

import math
from dataclasses import dataclass
from typing import Literal

from svcfx import midi
from svcfx.errors import InputError

Unit = Literal["beats", "seconds"]
_FAR = 1e9


def number(text: str, what: str, default: float | None = None) -> float:
    """A finite number of a file.

    Raises:
        InputError: It is none, and there is no default for a missing one.
    """
    if not text and default is not None:
        return default
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not abs(found) < _FAR:
        raise InputError(f"{what} is '{text[:80]}', must be a number")
    return found


@dataclass(frozen=True, slots=True)
class Timebase:
    """The song's tempo map, asked in quarters."""

    tempo_map: midi.TempoMap

    def seconds(self, time: float, unit: Unit) -> float:
        """Song second of a time."""
        return time if unit == "seconds" else self.tempo_map.seconds(time * self.tempo_map.ticks_per_quarter)

    def time(self, seconds: float, unit: Unit) -> float:
        """A time of a song second."""
        return (
            seconds if unit == "seconds" else self.tempo_map.tick(seconds) / self.tempo_map.ticks_per_quarter
        )

    @staticmethod
    def unit(text: str, default: Unit) -> Unit:
        """What a timeline counts in: its own word, or that of the timeline around it."""
        return "beats" if text == "beats" else "seconds" if text == "seconds" else default
