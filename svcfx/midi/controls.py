"""Controllers: registered parameters (RPN), what each moves by default, and what of a file nobody used.

CC 101 and 100 select a parameter, CC 6 and 38 give its value, 127/127 deselects; an NRPN (99, 98) too: that
is how bend range and tuning are written.
Source: MIDI 1.0 Detailed Specification, Registered Parameter Numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from svcfx.midi.names import fold
from svcfx.midi.song import MidiSong, MidiTrack

BEND_RANGE, FINE_TUNING, COARSE_TUNING = 0, 1, 2
PLUMBING = frozenset({6, 38, 96, 97, 98, 99, 100, 101})
_NONE = (127, 127)
_DEFAULT = {BEND_RANGE: 2, FINE_TUNING: 64, COARSE_TUNING: 64}  # the coarse value that holds until one comes
Used = tuple[str, str | int]
"""A track's name and what was used of it: "notes", "bend", or a controller's number."""


class Registered(NamedTuple):
    """At `tick`, `parameter` of `channel` becomes `coarse` (CC 6) and `fine` (CC 38), each 0 to 127."""

    tick: int
    channel: int
    parameter: int
    coarse: int
    fine: int


def registered(track: MidiTrack) -> Iterator[Registered]:
    """Every value given to a registered parameter, in time order."""
    selected: dict[int, tuple[int, int]] = defaultdict(lambda: _NONE)
    coarse: dict[tuple[int, int], int] = {}
    for tick, controller, value, channel in (
        (control.tick, control.controller, control.value, control.channel) for control in track.controls
    ):
        if controller in (98, 99):
            selected[channel] = _NONE
        elif controller == 101:
            selected[channel] = (value, selected[channel][1])
        elif controller == 100:
            selected[channel] = (selected[channel][0], value)
        elif controller in (6, 38) and selected[channel][0] == 0 and selected[channel] != _NONE:
            parameter = selected[channel][1]
            if controller == 6:
                coarse[channel, parameter] = value
                yield Registered(tick, channel, parameter, value, 0)
            else:
                yield Registered(
                    tick,
                    channel,
                    parameter,
                    coarse.get((channel, parameter), _DEFAULT.get(parameter, 0)),
                    value,
                )


@dataclass(frozen=True, slots=True)
class Default:
    """A controller's usual target: an automation address, or "pan" of the stem itself."""

    controller: int
    target: str
    low: float
    high: float
    centre: float | None = None


DEFAULTS: Mapping[int, Default] = {
    74: Default(74, "voice.formant_semitones", -12.0, 12.0, 0.0),
    71: Default(71, "voice.diffusion_depth", 0.0, 1.0),
    11: Default(11, "voice.output_gain_db", -40.0, 0.0),
    10: Default(10, "pan", -1.0, 1.0, 0.0),
    1: Default(1, "voice.growl", 0.0, 1.0),
    2: Default(2, "voice.breath", 0.0, 1.0),
    76: Default(76, "voice.vibrato_rate", 3.5, 7.5, 5.5),
    77: Default(77, "voice.vibrato_depth", 0.0, 100.0, 0.0),
}


def ignored(song: MidiSong, used: Iterable[Used]) -> tuple[str, ...]:
    """One sentence for each track that has something nobody used; a track used whole is not named."""
    taken: dict[str, set[str | int]] = {}
    for track, what in used:
        taken.setdefault(fold(track), set()).add(what)
    sentences = (_unused(track, taken.get(fold(track.name), set())) for track in song.tracks)
    return tuple(sentence for sentence in sentences if sentence)


def _unused(track: MidiTrack, taken: set[str | int]) -> str:
    parts = []
    if track.notes and "notes" not in taken:
        parts.append(f"{len(track.notes)} note{'s' if len(track.notes) > 1 else ''}")
    if track.bends and "bend" not in taken:
        parts.append("pitch bend")
    pairs = {number + 32 for number in taken if isinstance(number, int) and number < 32}
    left = [
        n for n in track.controllers if n not in taken and n not in PLUMBING and n not in pairs and n < 120
    ]
    if left:
        parts.append(f"CC {', '.join(str(number) for number in left)}")
    return f"track '{track.name}' not used: {', '.join(parts)}" if parts else ""
