"""MIDI files into songs.

`chunks` and `events` walk a file's bytes; here its events become notes, controllers, tempos and names.
An event that makes no sense costs only itself, and is said.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from svcfx.errors import MidiError, nearest
from svcfx.midi import chunks, metas, names
from svcfx.midi.events import META, Event, Odd, Walked
from svcfx.midi.metas import Metas
from svcfx.midi.remarks import About, Remark, shortened
from svcfx.midi.song import Bend, ControlChange, KeySignature, Mark, MidiSong, MidiTrack, Note
from svcfx.midi.tempo import DEFAULT_MICROSECONDS, TempoChange, TempoMap, TimeSignature

MAX_HOURS = 24
_HEARD_SECONDS = 0.02
_NOTE_OFF, _NOTE_ON, _CONTROL, _BEND = 0x80, 0x90, 0xB0, 0xE0
_Change = TypeVar("_Change", TempoChange, TimeSignature)


@dataclass(slots=True)
class _Part:
    """The events of one track, or of one channel of a type 0 file."""

    notes: list[Note] = field(default_factory=list)
    controls: list[ControlChange] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)
    sounding: dict[int, deque[tuple[int, int]]] = field(default_factory=lambda: defaultdict(deque))
    events: int = 0


def read(path: Path | str) -> MidiSong:
    """Read a Standard MIDI File of type 0 or 1, also in RIFF (.rmi): all its tracks, in one tempo map.

    Raises:
        MidiError: The file is missing, over 1 MB, damaged, longer than 24 hours, or of a kind svcfx does
            not read (type 2, SMPTE division); the message names which.
    """
    return parse(_bytes(Path(path)), Path(path).name)


def parse(data: bytes, name: str) -> MidiSong:
    """The same from a file's bytes; `name` is what messages call it."""
    split = chunks.split(data, name, metas.USED)
    found, remarks = Metas(split.data), list(split.remarks)
    tracks: list[MidiTrack] = []
    for number, walked in enumerate(split.tracks, 1):
        made, said = _tracks(walked, found, number, by_channel=split.form == 0, name=name)
        tracks += made
        remarks += said
    start, said_of_start = metas.start_seconds(found.starts, name)
    tempo_map = TempoMap(split.ticks_per_quarter, _in_order(found.tempos), _in_order(found.meters), start)
    seconds = tempo_map.seconds(max(walked.tick for walked in split.tracks))
    if seconds > MAX_HOURS * 3600:
        raise MidiError(
            f"'{name}' lasts {seconds / 3600:,.0f} hours, at most {MAX_HOURS} are read",
            hint="look for a stray event far behind the song's end",
        )
    return MidiSong(
        name=name,
        form=split.form,
        tempo_map=tempo_map,
        tracks=tuple(tracks),
        key_signatures=_keys(found, tempo_map),
        markers=_marks(found.markers, tempo_map),
        cues=_marks(found.cues, tempo_map),
        seconds=seconds,
        remarks=shortened((*_assumed(tempo_map, name), *said_of_start, *remarks), name),
    )


def _bytes(path: Path) -> bytes:
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise MidiError(f"MIDI file '{path}' does not exist{nearest(path.name, siblings)}")
    if not path.is_file():
        raise MidiError(f"'{path}' is no file")
    chunks.check_size(path.stat().st_size, str(path))
    try:
        return path.read_bytes()
    except OSError as error:
        raise MidiError(f"'{path}' may not be read: {(error.strerror or str(error)).lower()}") from error


def _tracks(
    walked: Walked, found: Metas, number: int, *, by_channel: bool, name: str
) -> tuple[list[MidiTrack], list[Remark]]:
    """A track chunk as tracks: itself, or one for each channel of a type 0 file that has several."""
    parts: dict[int, _Part] = defaultdict(_Part)
    called: dict[int, bytes] = {}
    lost: list[tuple[About, Odd]] = [("track", odd) for odd in walked.odd]
    for event in walked.events:
        if event.status != META:
            _play(event, parts[event.status & 0x0F if by_channel else 0])
        elif event.first in metas.NAMES:
            if names.decode(found.raw(event)):
                called.setdefault(event.first, found.raw(event))
        elif why := found.take(event):
            lost.append((metas.ABOUT.get(event.first, "file"), Odd(event.at, why)))
    raw = called.get(metas.TRACK_NAME) or called.get(metas.INSTRUMENT) or b""
    if len(parts) < 2:
        part = next(iter(parts.values()), _Part())
        made = [_track(names.decode(raw) or f"track {number}", part, walked.tick, walked.count, raw)]
    else:  # a type 0 file folds all tracks into one; its channels are what is left of them
        made = [
            _track(f"channel {channel + 1}", part, walked.tick, part.events)
            for channel, part in sorted(parts.items())
        ]
    return made, _losses(lost, [track.name for track in made], f"'{name}', track {number}")


def _play(event: Event, part: _Part) -> None:
    kind, channel = event.status & 0xF0, (event.status & 0x0F) + 1
    part.events += 1
    if kind == _CONTROL:
        part.controls.append(ControlChange(event.tick, event.first, event.second, channel))
    elif kind == _BEND:
        part.bends.append(Bend(event.tick, (event.second << 7 | event.first) - 8192, channel))
    elif kind in (_NOTE_ON, _NOTE_OFF):
        waiting = part.sounding[channel << 7 | event.first]
        if kind == _NOTE_ON and event.second > 0:  # velocity 0 is a note-off
            waiting.append((event.tick, event.second))
        elif waiting:
            start, velocity = waiting.popleft()
            part.notes.append(Note(start, event.tick, event.first, velocity, channel))


def _track(title: str, part: _Part, end_tick: int, events: int, raw: bytes = b"") -> MidiTrack:
    hanging = [
        Note(start, end_tick, key & 0x7F, velocity, key >> 7)
        for key, waiting in part.sounding.items()
        for start, velocity in waiting
    ]
    notes = sorted([*part.notes, *hanging], key=lambda note: (note.tick, note.number))
    return MidiTrack(title, tuple(notes), tuple(part.controls), tuple(part.bends), events, raw)


def _losses(lost: list[tuple[About, Odd]], tracks: list[str], where: str) -> list[Remark]:
    """A sentence for each kind of what was left out of one track chunk, made into `tracks`."""
    said: list[Remark] = []
    for about in dict.fromkeys(kind for kind, _ in lost):
        odd = sorted(item for kind, item in lost if kind == about)
        more = f", the first of {len(odd):,}" if len(odd) > 1 else ""
        text = f"{where}, byte {odd[0].at:,}: {odd[0].why}; left out{more}"
        said += [Remark(text, about, track) for track in (tracks if about == "track" else [""])]
    return said


def _assumed(tempo_map: TempoMap, name: str) -> tuple[Remark, ...]:
    """What the file leaves open about its time and is heard: a tempo at its beginning."""
    if not tempo_map.assumes_tempo:
        return ()
    later = tempo_map.tempos[1:]
    if not later:
        return (Remark(f"'{name}' names no tempo: 120 is assumed", "time"),)
    quarters = later[0].tick / tempo_map.ticks_per_quarter
    doubt = abs(later[0].microseconds - DEFAULT_MICROSECONDS) / 1e6 * quarters
    if doubt < _HEARD_SECONDS:  # set-up messages come first in many files
        return ()
    until = quarters * DEFAULT_MICROSECONDS / 1e6
    return (Remark(f"'{name}' names no tempo for its first {until:.3f} s: 120 is assumed there", "time"),)


def _keys(found: Metas, tempo_map: TempoMap) -> tuple[KeySignature, ...]:
    ordered = sorted(found.keys, key=lambda key: key[0])
    latest = {tick: (fifths, minor) for tick, fifths, minor in ordered}  # tracks often repeat each other
    return tuple(
        KeySignature(tick, tempo_map.seconds(tick), fifths, minor) for tick, (fifths, minor) in latest.items()
    )


def _marks(marks: list[tuple[int, str]], tempo_map: TempoMap) -> tuple[Mark, ...]:
    ordered = sorted(marks, key=lambda mark: mark[0])
    return tuple(Mark(tick, tempo_map.seconds(tick), text) for tick, text in ordered)


def _in_order(changes: Iterable[_Change]) -> tuple[_Change, ...]:
    return tuple(sorted(changes, key=lambda change: change.tick))
