"""What a MIDI file says, as frozen values. Ticks are absolute; `Song.tempo_map` turns them into seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from svcfx.errors import MidiError, nearest
from svcfx.midi.names import encoding_of, fold
from svcfx.midi.remarks import Remark
from svcfx.midi.tempo import TempoMap

_LETTERS = "FCGDAEB"
_MOST_COMPARED, _MOST_LISTED = 500, 40


@dataclass(frozen=True, slots=True)
class Note:
    """One note, from `tick` to `end_tick`; `channel` counts from 1.

    `number` 60 is what programs call C3, C4 or C5.
    """

    tick: int
    end_tick: int
    number: int
    velocity: int
    channel: int


@dataclass(frozen=True, slots=True)
class ControlChange:
    """Controller `controller` of `channel` (from 1) becomes `value`, 0 to 127."""

    tick: int
    controller: int
    value: int
    channel: int


@dataclass(frozen=True, slots=True)
class Bend:
    """The pitch wheel of `channel` (from 1) moves to `value`, -8192 to 8191, 0 in the middle."""

    tick: int
    value: int
    channel: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker or cue and its text."""

    tick: int
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class KeySignature:
    """A written key: `fifths` sharps (flats when negative), -7 to 7."""

    tick: int
    seconds: float
    fifths: int
    minor: bool

    @property
    def name(self) -> str:
        """Such as "Eb major"."""
        place = self.fifths + 1 + (3 if self.minor else 0)
        accidental = "#" * (place // 7) if place >= 0 else "b" * -(place // 7)
        return f"{_LETTERS[place % 7]}{accidental} {'minor' if self.minor else 'major'}"


_Placed = TypeVar("_Placed", Mark, KeySignature)


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """One track's events in time order.

    `events` counts all that the file holds, also those not kept; `raw_name` is the name's bytes in the file.
    """

    name: str
    notes: tuple[Note, ...] = ()
    controls: tuple[ControlChange, ...] = ()
    bends: tuple[Bend, ...] = ()
    events: int = 0
    raw_name: bytes = b""

    @property
    def controllers(self) -> tuple[int, ...]:
        """Numbers of the controllers that occur, ascending."""
        return tuple(sorted({control.controller for control in self.controls}))


@dataclass(frozen=True, slots=True)
class MidiSong:
    """One MIDI file. `seconds` is the time of its last event; `remarks` say what is odd about it."""

    name: str
    form: int
    tempo_map: TempoMap
    tracks: tuple[MidiTrack, ...]
    key_signatures: tuple[KeySignature, ...] = ()
    markers: tuple[Mark, ...] = ()
    cues: tuple[Mark, ...] = ()
    seconds: float = 0.0
    remarks: tuple[Remark, ...] = ()

    @property
    def ticks_per_quarter(self) -> int:
        """The file's time base."""
        return self.tempo_map.ticks_per_quarter

    @property
    def quarters(self) -> float:
        """Quarter notes to the last event."""
        return self.tempo_map.tick(self.seconds) / self.ticks_per_quarter

    def in_time(self, tempo_map: TempoMap) -> "MidiSong":
        """The same song in another time: everything stays at its tick."""
        again = partial(_in_time, tempo_map)
        return replace(
            self,
            tempo_map=tempo_map,
            key_signatures=tuple(map(again, self.key_signatures)),
            markers=tuple(map(again, self.markers)),
            cues=tuple(map(again, self.cues)),
            seconds=tempo_map.seconds(self.tempo_map.tick(self.seconds)),
        )

    def has_track(self, name: str) -> bool:
        """Whether a track has this name, upper and lower case alike."""
        wanted = fold(name)
        return any(fold(track.name) == wanted for track in self.tracks)

    def track(self, name: str) -> MidiTrack:
        """The track of this name, upper and lower case alike.

        Raises:
            MidiError: None or more than one has it.
        """
        wanted = fold(name)
        found = [track for track in self.tracks if fold(track.name) == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise MidiError(
                f"'{self.name}' has {len(found)} tracks named '{name}'", hint="give each its own name"
            )
        names = list(dict.fromkeys(track.name for track in self.tracks))
        like = self.like(name) or nearest(name, names[:_MOST_COMPARED])
        raise MidiError(
            f"'{self.name}' has no track named '{name}'{like}", hint=f"its tracks are {_listed(names)}"
        )

    def track_with_notes(self, name: str) -> MidiTrack:
        """The same, refused where it has no notes."""
        found = self.track(name)
        if not found.notes:
            playing = [track.name for track in self.tracks if track.notes]
            raise MidiError(
                f"track '{found.name}' of '{self.name}' has no notes",
                hint=f"tracks with notes are {_listed(playing)}",
            )
        return found

    def like(self, name: str) -> str:
        """Which track has the name `name` in another encoding, as words in parentheses, or ""."""
        for track in self.tracks[:_MOST_COMPARED]:
            if encoding := encoding_of(track.raw_name, name):
                return f" (its track '{track.name}' is '{name}' in {encoding}: write '{track.name}')"
        return ""


def _listed(names: Sequence[str]) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - _MOST_LISTED:,} more" if len(names) > _MOST_LISTED else ""
    return (", ".join(names[:_MOST_LISTED]) or "none") + more


def _in_time(tempo_map: TempoMap, placed: _Placed) -> _Placed:
    """What lies at a tick, at the second where another map puts that."""
    return replace(placed, seconds=tempo_map.seconds(placed.tick))
