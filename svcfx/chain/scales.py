"""Keys and scales by name, as the twelve notes of an octave that belong to them. No torch."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from svcfx.errors import ParamError, nearest

if TYPE_CHECKING:
    from svcfx.lanes import Values

OCTAVE = 12
STEPS: Mapping[str, tuple[int, ...]] = MappingProxyType({
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
})  # fmt: skip
"""Semitones above the tonic, by the name of the scale."""
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LETTERS: Mapping[str, int] = MappingProxyType({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11})
_WRITTEN = re.compile(r"\s*([A-Ga-g])([#b♯♭]?)\s+(\w[\w ]*?)\s*")


def note_name(number: int) -> str:
    """Such as "F#3" for 54."""
    return f"{_NAMES[number % OCTAVE]}{number // OCTAVE - 1}"


def note_number(hertz: float) -> float:
    """MIDI's number of a frequency, 69 being 440 Hz, with its fraction."""
    return 69.0 + OCTAVE * math.log2(hertz / 440.0)


def note_numbers(hertz: "Values") -> "Values":
    """The same of each of these frequencies (n,)."""
    import numpy as np  # here: the knobs, and every --help, read scales

    return np.asarray(69.0 + OCTAVE * np.log2(np.asarray(hertz, np.float64) / 440.0))


def note_hz(number: float) -> float:
    """The frequency of MIDI's number of a note."""
    return float(440.0 * 2.0 ** ((number - 69) / 12.0))


def note_of(hertz: float) -> str:
    """The nearest note to a frequency: "C4", "F#3"."""
    return note_name(round(note_number(hertz)))


@dataclass(frozen=True, slots=True)
class Scale:
    """A tonic, 0 to 11 from C, and semitones above it in rising order, the first of them 0."""

    tonic: int
    steps: tuple[int, ...]

    @property
    def notes(self) -> tuple[bool, ...]:
        """Whether each note of the octave belongs to it, from C up: 12 of them."""
        inside = {(self.tonic + step) % OCTAVE for step in self.steps}
        return tuple(note in inside for note in range(OCTAVE))

    def shifts(self, steps: int) -> tuple[int, ...]:
        """Semitones up to what lies `steps` of the scale above each note of the octave, from C up; a note
        between two of the scale moves as the one below does.

        >>> scale("C major").shifts(2)[:5]  # C to E, C# with it, D to F, D# with it, E to G
        (4, 4, 3, 3, 3)
        """
        rising = [(note - self.tonic) % OCTAVE for note in range(OCTAVE)]
        degrees = [max(at for at, step in enumerate(self.steps) if step <= note) for note in rising]
        return tuple(self._semitones(degree + steps) - self.steps[degree] for degree in degrees)

    def _semitones(self, degree: int) -> int:
        """Of a degree above the tonic, 0 being the tonic itself, however far away."""
        octaves, inside = divmod(degree, len(self.steps))
        return OCTAVE * octaves + self.steps[inside]


CHROMATIC = Scale(0, tuple(range(OCTAVE)))


def scale(text: str) -> Scale:
    """The scale that a text names, such as "A minor" or "Bb mixolydian"; "" is all twelve notes.

    Raises:
        ParamError: It names none.

    >>> scale("A minor").notes == scale("C major").notes
    True
    """
    if not text.strip():
        return CHROMATIC
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ParamError(
            f"scale is '{text}', must be a tonic and a scale", hint="write it as 'A minor' or 'Bb major'"
        )
    letter, sign, name = found.groups()
    steps = STEPS.get(" ".join(name.lower().split()))
    if steps is None:
        known = ", ".join(STEPS)
        raise ParamError(f"there is no scale '{name}'{nearest(name, STEPS)}", hint=f"scales are {known}")
    moved = {"": 0, "#": 1, "♯": 1}.get(sign, -1)
    return Scale((_LETTERS[letter.upper()] + moved) % OCTAVE, steps)
