"""A track as an instrument plays it: notes in seconds with the sustain pedal worked in, or MIDI messages."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from svcfx.errors import MidiError
from svcfx.midi.keys import RESET_ALL
from svcfx.midi.song import MidiSong, MidiTrack, Note

SUSTAIN = 64
DRUMS = 10
"""The channel of General MIDI's drums: its note numbers are instruments, not pitches."""
_DOWN = 64
_OFF, _ON, _CONTROL, _BEND = 0x80, 0x90, 0xB0, 0xE0
Message = tuple[float, bytes]
"""Seconds, and the bytes of a MIDI message."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """A note in seconds of the song; it ends where its key goes up, or later the pedal that held it."""

    start_seconds: float
    end_seconds: float
    number: int
    velocity: int
    channel: int


def sounded(song: MidiSong, track: str) -> tuple[Sounded, ...]:
    """The notes of a track, in order.

    A note that is let go while the pedal is down (CC 64 at 64 and more) ends where the pedal goes up, where
    the same note is struck again, or with the song.

    Raises:
        MidiError: No such track, or it has no notes.
    """
    part, seconds = song.track_with_notes(track), song.tempo_map.seconds
    last = song.tempo_map.tick(song.seconds)
    held = _Held(part, last)
    return tuple(
        Sounded(seconds(note.tick), seconds(held.until(note)), note.number, note.velocity, note.channel)
        for note in part.notes
    )


class _Held:
    """Until when the pedal holds a note."""

    def __init__(self, part: MidiTrack, last_tick: float) -> None:
        self._last = last_tick
        self._pedal: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        self._ups: dict[int, list[int]] = defaultdict(list)
        for control in part.controls:
            if control.controller in (SUSTAIN, RESET_ALL):
                down = control.controller == SUSTAIN and control.value >= _DOWN
                self._pedal[control.channel].append((control.tick, down))
                self._ups[control.channel] += [] if down else [control.tick]
        struck: dict[tuple[int, int], list[int]] = defaultdict(list)
        for note in part.notes:
            struck[note.channel, note.number].append(note.tick)
        self._next = {
            (*key, before): after for key, ticks in struck.items() for before, after in pairwise(ticks)
        }

    def until(self, note: Note) -> float:
        """The tick where it is let go."""
        moves, ups = self._pedal[note.channel], self._ups[note.channel]
        before = bisect_right(moves, note.end_tick, key=lambda move: move[0])
        if not before or not moves[before - 1][1]:
            return note.end_tick
        later = bisect_right(ups, note.end_tick)
        up = ups[later] if later < len(ups) else self._last
        again = self._next.get((note.channel, note.number, note.tick), up)
        return max(min(up, again), note.end_tick)


def messages(song: MidiSong, track: str, moved: Callable[[Note], int]) -> tuple[Message, ...]:
    """A track's notes, controllers and wheel as MIDI messages, in order; each note moved by semitones.

    At one time controllers and wheel come first, then notes that end, then notes that begin.

    Raises:
        MidiError: No such track, it has no notes, or one is moved out of MIDI's 0 to 127.
    """
    part, seconds = song.track_with_notes(track), song.tempo_map.seconds
    events = sorted(_events(part, song.name, moved), key=lambda event: event[:2])
    return tuple((seconds(tick), bytes(data)) for tick, _, data in events)


def _events(
    part: MidiTrack, name: str, moved: Callable[[Note], int]
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Tick, rank at one tick, and bytes."""
    for control in part.controls:
        yield control.tick, 0, (_CONTROL | control.channel - 1, control.controller, control.value)
    for bend in part.bends:
        wheel = bend.value + 8192
        yield bend.tick, 0, (_BEND | bend.channel - 1, wheel & 0x7F, wheel >> 7)
    for note in part.notes:
        number = note.number + moved(note)
        if not 0 <= number <= 127:
            raise MidiError(
                f"note {note.number} of track '{part.name}' of '{name}' is moved to {number}, "
                "outside 0 to 127"
            )
        end = max(note.end_tick, note.tick + 1)
        yield note.tick, 2, (_ON | note.channel - 1, number, note.velocity)
        yield end, 1, (_OFF | note.channel - 1, number, 0)
