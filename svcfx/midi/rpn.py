"""Registered parameters (RPN): how bend range and tuning are written as controllers.

CC 101 and 100 select a parameter, CC 6 and 38 give its value, 127/127 deselects; an NRPN (99, 98) too.
Source: MIDI 1.0 Detailed Specification, Registered Parameter Numbers.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from svcfx.midi.song import MidiTrack

BEND_RANGE, FINE_TUNING, COARSE_TUNING = 0, 1, 2
PLUMBING = frozenset({6, 38, 96, 97, 98, 99, 100, 101})
_NONE = (127, 127)
_DEFAULT = {BEND_RANGE: 2, FINE_TUNING: 64, COARSE_TUNING: 64}  # the coarse value that holds until one comes


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
