"""What a report tells of one strip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.report.side import Side, rounded
from svcfx.report.singing import Singing
from svcfx.session.strip import Strip

Array = NDArray[np.float64]
BOARD = "board"
"""The stage that is all of a strip's work but the parts of its voices that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A lane: its name, and its value at each column."""

    name: str
    values: Array


@dataclass(frozen=True, slots=True, eq=False)
class StripTold:
    """What is told of one strip; `sung` only where a voice sings it. `stages` are seconds of those parts of
    its voices that were made now, by kind."""

    strip: Strip
    source: Side | None
    result: Side
    lanes: tuple[Drawn, ...]
    work_seconds: float
    was_there: bool
    stages: Mapping[str, float]
    sung: Singing | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """Every figure of it as plain values; what cannot be measured is None."""
        strip = self.strip
        return {
            "name": strip.name,
            "role": strip.role,
            "preset": strip.preset_name,
            "voices": [voice.name for voice in strip.used],
            "to": strip.to,
            "sends": [send.to for send in strip.sends],
            "key": strip.clip.way if strip.clip else "",
            "source": self.source.figures if self.source else None,
            "result": self.result.figures,
            **(self.sung.figures if self.sung else dict.fromkeys(("pitch", "clicks", "likeness", "words"))),
            "lanes": [
                {"name": lane.name, **rounded({"low": lane.values.min(), "high": lane.values.max()})}
                for lane in self.lanes
            ],
            "work_seconds": round(self.work_seconds, 2),
            "was_there": self.was_there,
            "stages": self._stages,
        }  # fmt: skip

    @property
    def _stages(self) -> dict[str, float]:
        """Seconds of each stage of its work: parts of its voices by kind, and all else of its board."""
        found = {kind: round(seconds, 2) for kind, seconds in sorted(self.stages.items())}
        return {**found, BOARD: round(max(self.work_seconds - sum(self.stages.values()), 0.0), 2)}
