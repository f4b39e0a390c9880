"""Which octave a melody is best moved to for a singer, and why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from svcfx.errors import VoiceError

if TYPE_CHECKING:
    from svcfx.chain.pitch import PitchReport

FARTHEST_OCTAVES = 3
MIDDLE_SHARE = 0.8
"""Of the frames whose pitch is sure, how many lie between the low and the high that a singer must reach."""
OCTAVE_COSTS_SEMITONES = 4.0
"""A melody is left where it is, or nearer, rather than moved an octave further to fit by less than this."""
_SAME_SEMITONES = 0.1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A transposition, and the sentence that says why."""

    semitones: float
    reason: str


def suggest(
    heard: "PitchReport", singer: str, low_hz: float, high_hz: float, who: str = "it is"
) -> Suggestion:
    """The octave that brings a stem's sung range into a singer's, or nearest to it, without moving far.

    `who` is what is said to be sung so high, with its verb.
    """
    if heard.voiced_fraction == 0.0:
        return Suggestion(0.0, "nothing is sung in it, so it stays where it is")
    sung = (heard.low_hz, heard.median_hz, heard.high_hz)
    octaves = best_octave(sung, low_hz, high_hz)
    far = outside_semitones([hertz * 2.0**octaves for hertz in sung], low_hz, high_hz) > _SAME_SEMITONES
    move = f"{12 * octaves:+d} semitones" if octaves else "0 semitones"
    fits = "comes nearest to" if far else "suits"
    return Suggestion(
        12.0 * octaves,
        f"{move} {fits} {singer}'s {low_hz:.0f} to {high_hz:.0f} Hz: {who} sung at "
        f"{heard.low_hz:.0f} to {heard.high_hz:.0f} Hz, in the middle {heard.median_hz:.0f} Hz",
    )


def unknown_range(voice: str) -> VoiceError:
    """What there is to say where nobody knows how high a singer sings."""
    return VoiceError(
        f"the range of '{voice}' is not known, so no transposition can be suggested",
        hint="transpose by a number, or add the voice again with one, in Hz:"
        " `svcfx voices add SOURCE --replace --range LOW:HIGH`",
    )


def best_octave(sung_hz: Sequence[float], low_hz: float, high_hz: float) -> int:
    """How many octaves bring frequencies (low, middle and high of a melody) into a range.

    What they lie outside, all together, and `OCTAVE_COSTS_SEMITONES` for each octave moved decide; of equals
    the smaller move, and the one down.
    """

    def misfit(octaves: int) -> tuple[int, int]:
        outside = outside_semitones([hertz * 2.0**octaves for hertz in sung_hz], low_hz, high_hz)
        price = outside + OCTAVE_COSTS_SEMITONES * abs(octaves)
        return round(price / _SAME_SEMITONES), abs(octaves)

    return min(range(-FARTHEST_OCTAVES, FARTHEST_OCTAVES + 1), key=misfit)


def outside_semitones(frequencies_hz: Sequence[float], low_hz: float, high_hz: float) -> float:
    """How far frequencies lie outside a range, all together."""
    return sum(
        12.0 * max(math.log2(low_hz / hertz), math.log2(hertz / high_hz), 0.0) for hertz in frequencies_hz
    )
