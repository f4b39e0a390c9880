"""One sound as a report tells it: how loud it is, how it looks, how it is sung, and a player of it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Audio, Samples
from svcfx.dsp import loudness
from svcfx.dsp.loudness import Levels
from svcfx.dsp.peaks import Peaks, peaks
from svcfx.report.players import PlayedSound
from svcfx.report.subject import sung

Array = NDArray[np.float64]
MOST_COLUMNS = 5_000
"""Stretches that a waveform or a lane is drawn from, at the most."""
_LEAST_COLUMN_SECONDS = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One sound: the mix, or of a strip what it heard or what it gives behind its fader. `notes` are MIDI
    numbers at 10 ms frames, NaN where nothing is voiced; None where no voice sings. `sound` is None without
    a player."""

    levels: Levels
    seconds: float
    peaks: Peaks
    notes: Array | None = None
    sound: PlayedSound | None = None

    @property
    def level_figures(self) -> dict[str, float | None]:
        """Its levels as plain values; silence is None."""
        return rounded(asdict(self.levels))

    @property
    def figures(self) -> dict[str, float | None]:
        """Levels and length as plain values."""
        return {**self.level_figures, "seconds": round(self.seconds, 3)}


def column_frames(frames: int, sample_rate: int) -> int:
    """Frames in a column of a drawing of so many."""
    return max(round(_LEAST_COLUMN_SECONDS * sample_rate), math.ceil(frames / MOST_COLUMNS))


def side(
    kept: Samples, sample_rate: int, seconds: float, column: int, *, sings: bool, sound: PlayedSound | None
) -> Side:
    """What is told of a sound, shape (2, frames), `seconds` of them its own; with its pitch if it sings."""
    notes = sung(Audio(kept, sample_rate)).notes if sings else None
    drawn = peaks([Audio(kept, sample_rate)], column)
    return Side(loudness.levels(kept, sample_rate), seconds, drawn, notes, sound)


def rounded(values: Mapping[str, float | None]) -> dict[str, Any]:
    """Three places; what is not finite is None."""
    return {
        name: None if value is None or not math.isfinite(value) else round(value, 3)
        for name, value in values.items()
    }
