"""What is converted: fixed before the voice's training was complete, and not tuned on.

A stem is one held-out voice speaking or singing every held-out text, the texts parted by digital
silence. A pair is (stem, singer, semitones). Texts, voices and melodies are those of
`factory.engines.heldout`, which the phone judge's material refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

SINGERS = ("vela", "corin")
SEMITONES = (-7, 0, 5)
PAUSE_S = 0.6
"""Digital silence before, between and after the texts of a stem."""


@dataclass(frozen=True, slots=True)
class Stem:
    """A held-out voice, by the last part of its name, and what it performs."""

    voice: str
    manner: Literal["spoken", "sung"]
    texts: tuple[int, ...]

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.voice} {self.manner}"


@dataclass(frozen=True, slots=True)
class Pair:
    """One conversion."""

    stem: Stem
    singer: str
    semitones: int

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.stem.name} -> {self.singer} {self.semitones:+d}"


STEMS: tuple[Stem, ...] = (
    *(Stem(voice, "spoken", tuple(range(12))) for voice in ("awb", "f4", "m3", "Mario", "Hugo")),
    *(Stem(voice, "sung", tuple(range(6))) for voice in ("awb", "f4", "m3")),
)
PAIRS: tuple[Pair, ...] = tuple(
    Pair(stem, singer, semitones) for stem in STEMS for singer in SINGERS for semitones in SEMITONES
)


def chosen(quick: bool) -> Iterator[Pair]:
    """All pairs; or for a look in a minute or two: three stems of two texts, 0 semitones."""
    for pair in PAIRS:
        if not quick:
            yield pair
        elif pair.stem.name in ("awb spoken", "f4 spoken", "awb sung") and pair.semitones == 0:
            yield replace(pair, stem=replace(pair.stem, texts=pair.stem.texts[:2]))
