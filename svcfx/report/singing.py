"""What a report tells of a strip that a voice sings, beside its levels."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.dsp.clicks import clicks
from svcfx.report import intonation, likeness, words
from svcfx.report.intonation import Intonation
from svcfx.report.likeness import Likeness
from svcfx.report.side import Side, rounded
from svcfx.report.words import Words

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Singing:
    """What a voice made of its source.

    Attributes:
        pitch: How its pitch stands to the source's.
        away: Cents from what was asked for, at 10 ms frames.
        clicks: How many the source has, and the result.
        likeness: How like whom it is, and `words`: how many are kept; where that was measured.
    """

    pitch: Intonation
    away: Array
    clicks: tuple[int, int]
    likeness: Likeness | None
    words: Words | None

    @property
    def figures(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "pitch": rounded(asdict(self.pitch)),
            "clicks": dict(zip(("source", "result"), self.clicks, strict=True)),
            "likeness": rounded(asdict(self.likeness)) if self.likeness else None,
            "words": rounded(asdict(self.words)) if self.words else None,
        }


def of(
    source: Side, result: Side, sounds: tuple[Samples, Samples], asked: Array, rate: int, voice: str
) -> Singing:
    """Measure what a voice made of its source.

    Args:
        source: The source's side, with notes.
        result: The result's, with notes.
        sounds: The samples of both, (2, frames).
        asked: Semitones asked for at each frame of the notes.
        rate: Of the samples.
        voice: Who sings; "" where it is not one voice alone.
    """
    assert source.notes is not None
    assert result.notes is not None
    found = [len(clicks(sound.mean(axis=0), rate)) for sound in sounds]
    return Singing(
        intonation.measure(source.notes, result.notes, asked),
        intonation.deviation(source.notes, result.notes, asked),
        (found[0], found[1]),
        likeness.measure(*sounds, source.notes, rate, voice),
        words.measure(*sounds, source.notes, rate),
    )
