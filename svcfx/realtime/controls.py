"""What a MIDI controller moves while sound comes in: its events, and the curves that they turn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from svcfx.lanes import Turned
from svcfx.midi.keys import scaled
from svcfx.midi.song import MidiSong

BEND: Literal["bend"] = "bend"
What = int | Literal["bend"]
"""A controller by its number, or the wheel."""


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """An event at a second of the input: a controller's value from 0 to 127, or the wheel's from -1 to 1."""

    seconds: float
    what: What = field(compare=False)
    value: float = field(compare=False)


class Source(Protocol):
    """Where events come from."""

    def due(self, from_seconds: float, to_seconds: float) -> Iterable[Turn]:
        """Those before `to_seconds` of the input that were not told yet; a hand's come at `from_seconds`."""
        ...


class Recorded:
    """The events of a MIDI file, from its beginning on."""

    def __init__(self, song: MidiSong) -> None:
        seconds = song.tempo_map.seconds
        turns = [
            Turn(seconds(event.tick), event.controller, float(event.value))
            for track in song.tracks
            for event in track.controls
        ]
        turns += [
            Turn(seconds(event.tick), BEND, event.value / 8192.0)
            for track in song.tracks
            for event in track.bends
        ]
        self._left = sorted(turns, reverse=True)

    def due(self, _from_seconds: float, to_seconds: float) -> Iterable[Turn]:
        """As `Source`."""
        while self._left and self._left[-1].seconds < to_seconds:
            yield self._left.pop()


class Knob:
    """A curve that one or more controllers turn: its value is where it rests, and what each adds."""

    def __init__(self, rests: float, low: float, high: float) -> None:
        self.curve = Turned(rests, low, high)
        self._rests, self._added = rests, dict[What, float]()

    def turn(self, seconds: float, what: What, value: float) -> None:
        """Have it be `value` further than it rests, beside what others add."""
        self._added[what] = value
        self.curve.put(seconds, self._rests + sum(self._added.values()))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a controller goes: a knob, and what its values at 0, 64 and 127 add there (-1, 0 and 1 of the
    wheel)."""

    knob: Knob
    low: float
    middle: float
    high: float

    def turn(self, seconds: float, what: What, value: float) -> None:
        """Take a value of the controller."""
        share = value if what == BEND else (value - 64.0) / (63.0 if value > 64 else 64.0)
        self.knob.turn(seconds, what, scaled(share, self.low, self.high, self.middle))


class Controls:
    """The curves by address, `knobs`, and what turns them."""

    def __init__(
        self, knobs: Mapping[str, Knob], targets: Mapping[What, Sequence[Target]], source: Source
    ) -> None:
        self.lanes = {address: knob.curve for address, knob in knobs.items()}
        self._targets, self._source = targets, source

    def play(self, from_seconds: float, to_seconds: float, stream_seconds: float) -> None:
        """Turn what is due in a block of the input, which the stream takes at `stream_seconds`."""
        for turn in self._source.due(from_seconds, to_seconds):
            at = stream_seconds + max(turn.seconds - from_seconds, 0.0)
            for target in self._targets.get(turn.what, ()):
                target.turn(at, turn.what, turn.value)

    def begin(self) -> None:
        """The stream begins anew."""
        for curve in self.lanes.values():
            curve.begin()
