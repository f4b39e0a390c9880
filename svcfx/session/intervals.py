"""How a session writes what a harmony sings: semitones, steps of a scale, or another part's notes."""

import re
from dataclasses import dataclass
from typing import Literal

MOST_SEMITONES, MOST_DEGREES = 24, 15
_OCTAVE = 12
_DIATONIC = re.compile(r"([+-]?)(\d{1,2}) diatonic")
_SEMITONES = re.compile(r"[+-]?\d{1,2}")
_ALLOWED = (
    "semitones such as '+4' or '-5' (1 to 24), a degree of the scale such as '+3 diatonic' or '-6 diatonic' "
    "(2 to 15), 'octave' or '-octave', or 'track NAME'"
)


@dataclass(frozen=True, slots=True)
class Interval:
    """What a part sings: `amount` semitones or steps of the scale away, or the notes of `track`."""

    kind: Literal["semitones", "steps", "track"]
    amount: int = 0
    track: str = ""


def interval(text: str) -> Interval:
    """What a text says; "+3 diatonic" is a third, two steps of the scale.

    Raises:
        ValueError: Nothing that is allowed.

    >>> interval("+3 diatonic"), interval("-octave").amount
    (Interval(kind='steps', amount=2, track=''), -12)
    """
    said = " ".join(text.split())
    if said in ("octave", "+octave", "-octave"):
        return Interval("semitones", -_OCTAVE if said[0] == "-" else _OCTAVE)
    if said.startswith("track "):
        return Interval("track", track=said.removeprefix("track "))
    diatonic = _DIATONIC.fullmatch(said)
    if diatonic and 2 <= int(diatonic[2]) <= MOST_DEGREES:
        steps = int(diatonic[2]) - 1
        return Interval("steps", -steps if diatonic[1] == "-" else steps)
    if _SEMITONES.fullmatch(said) and 1 <= abs(int(said)) <= MOST_SEMITONES:
        return Interval("semitones", int(said))
    raise ValueError(f"'{text}' is no interval, allowed are {_ALLOWED}")
