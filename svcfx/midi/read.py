"""MIDI files into songs: the one door to mido.

Work and memory are bounded before mido sees a byte (`chunks`); what mido then refuses becomes a `MidiError`.
"""

import contextlib
import io
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mido
from mido.midifiles.meta import KeySignatureError

from svcfx.errors import MidiError, nearest
from svcfx.midi import chunks
from svcfx.midi.song import Bend, Control, KeySignature, Mark, Note, Song, Track
from svcfx.midi.tempo import Tempo, TempoMap, TimeSignature

MAX_HOURS = 24
_MIDO_ERRORS = (
    EOFError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    KeySignatureError,
    struct.error,
)
_FIFTHS = {letter: place - 1 for place, letter in enumerate("FCGDAEB")}


@dataclass(slots=True)
class _Collected:
    """What is being gathered from the tracks of one file; ticks are absolute."""

    tempos: list[Tempo] = field(default_factory=list)
    signatures: list[TimeSignature] = field(default_factory=list)
    keys: list[tuple[int, int, bool]] = field(default_factory=list)
    markers: list[tuple[int, str]] = field(default_factory=list)
    cues: list[tuple[int, str]] = field(default_factory=list)
    offsets: list[Any] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    end_tick: int = 0


@dataclass(slots=True)
class _Part:
    """The events of one track, or of one channel of a type 0 file."""

    notes: list[Note] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)
    sounding: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    events: int = 0


def read(path: Path | str) -> Song:
    """Read a Standard MIDI File of type 0 or 1: all its tracks, in one tempo map.

    Raises:
        MidiError: The file is missing, over 1 MB, damaged, longer than 24 hours, or of a kind svcfx does
            not read (type 2, SMPTE division); the message names which.
    """
    return parse(_bytes(Path(path)), Path(path).name)


def parse(data: bytes, name: str) -> Song:
    """The same from a file's bytes; `name` is what messages call it."""
    split = chunks.split(data, name)
    found = _Collected()
    for number, body in enumerate(split.tracks, 1):
        _collect(_messages(body, name, number), found, number, by_channel=split.form == 0, name=name)
    offset, remarks = _offset(found, name)
    tempo_map = TempoMap(
        split.ticks_per_quarter, _in_order(found.tempos), _in_order(found.signatures), offset
    )
    seconds = tempo_map.seconds(found.end_tick)
    if seconds > MAX_HOURS * 3600:
        raise MidiError(
            f"'{name}' lasts {seconds / 3600:,.0f} hours, at most {MAX_HOURS} are read",
            hint="look for a stray event far behind the song's end",
        )
    return Song(
        name=name,
        form=split.form,
        tempo_map=tempo_map,
        tracks=tuple(found.tracks),
        key_signatures=_keys(found, tempo_map),
        markers=_marks(found.markers, tempo_map),
        cues=_marks(found.cues, tempo_map),
        seconds=seconds,
        remarks=remarks,
    )


def _bytes(path: Path) -> bytes:
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise MidiError(f"MIDI file '{path}' does not exist{nearest(path.name, siblings)}")
    if not path.is_file():
        raise MidiError(f"'{path}' is no file")
    if path.stat().st_size > chunks.MAX_BYTES:
        raise MidiError(
            f"'{path}' has {path.stat().st_size:,} bytes, at most {chunks.MAX_BYTES:,} are read",
            hint="export only the tracks that svcfx uses: tempo, key, controllers",
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise MidiError(f"'{path}' may not be read: {(error.strerror or str(error)).lower()}") from error


def _messages(body: bytes, name: str, number: int) -> Any:
    # One track at a time: mido refuses chunks it does not know, and what it builds can be let go sooner.
    alone = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body
    try:
        return mido.MidiFile(file=io.BytesIO(alone)).tracks[0]
    except _MIDO_ERRORS as error:
        raise MidiError(
            f"'{name}', track {number}, is damaged: {error or type(error).__name__}",
            hint="export the song again as a Standard MIDI File, type 1",
        ) from error


def _collect(messages: Any, found: _Collected, number: int, *, by_channel: bool, name: str) -> None:
    tick, title, events = 0, "", 0
    parts: dict[int, _Part] = defaultdict(_Part)
    for message in messages:
        tick += message.time
        events += 1
        if not message.is_meta:
            if hasattr(message, "channel"):
                _play(message, tick, parts[message.channel if by_channel else 0])
        elif message.type == "track_name":
            title = title or _text(message.name)
        else:
            _note_meta(message, tick, found, f"'{name}', track {number}, tick {tick}")
    found.end_tick = max(found.end_tick, tick)
    title = title or f"track {number}"
    if len(parts) < 2:
        part = parts[0] if not by_channel else next(iter(parts.values()), _Part())
        found.tracks.append(_track(title, part, tick, events))
        return
    # A type 0 file folds all tracks into one; its channels are what is left of them.
    found.tracks.extend(
        _track(f"channel {channel + 1}", part, tick, part.events) for channel, part in sorted(parts.items())
    )


def _play(message: Any, tick: int, part: _Part) -> None:
    channel = message.channel + 1
    part.events += 1
    if message.type == "control_change":
        part.controls.append(Control(tick, message.control, message.value, channel))
    elif message.type == "pitchwheel":
        part.bends.append(Bend(tick, message.pitch, channel))
    elif message.type in ("note_on", "note_off"):
        waiting = part.sounding[channel << 7 | message.note]
        if message.type == "note_on" and message.velocity > 0:  # velocity 0 is a note-off
            waiting.append((tick, message.velocity))
        elif waiting:
            start, velocity = waiting.pop(0)
            part.notes.append(Note(start, tick, message.note, velocity, channel))


def _track(title: str, part: _Part, end_tick: int, events: int) -> Track:
    hanging = [
        Note(start, end_tick, key & 0x7F, velocity, key >> 7)
        for key, waiting in part.sounding.items()
        for start, velocity in waiting
    ]
    notes = sorted([*part.notes, *hanging], key=lambda note: (note.tick, note.number))
    return Track(title, tuple(notes), tuple(part.controls), tuple(part.bends), events)


def _note_meta(message: Any, tick: int, found: _Collected, where: str) -> None:
    if message.type == "set_tempo":
        if message.tempo == 0:
            raise MidiError(f"{where}: a tempo of 0 microseconds per quarter note stops time")
        found.tempos.append(Tempo(tick, message.tempo))
    elif message.type == "time_signature":
        if message.numerator == 0 or message.denominator > 128:
            raise MidiError(
                f"{where}: no time signature {message.numerator}/{message.denominator:.0f} exists",
                hint="beats from 1 to 255, note values from 1 to 128",
            )
        found.signatures.append(TimeSignature(tick, message.numerator, message.denominator))
    elif message.type == "key_signature":
        letter, minor = message.key[0], message.key.endswith("m")
        shift = 7 * (message.key.count("#") - message.key[1:].count("b")) - (3 if minor else 0)
        found.keys.append((tick, _FIFTHS[letter] + shift, minor))
    elif message.type == "marker":
        found.markers.append((tick, _text(message.text)))
    elif message.type == "cue_marker":
        found.cues.append((tick, _text(message.text)))
    elif message.type == "smpte_offset":
        found.offsets.append(message)


def _offset(found: _Collected, name: str) -> tuple[float, tuple[str, ...]]:
    """Seconds before tick 0, from the file's first SMPTE offset (FF 54), and what to say about it.

    The hour is the number of the tape or reel (a song commonly begins at 01:00:00:00) and no silence.
    """
    if not found.offsets:
        return 0.0, ()
    first = found.offsets[0]
    seconds = first.minutes * 60 + first.seconds + (first.frames + first.sub_frames / 100) / first.frame_rate
    remarks = []
    if seconds:
        remarks.append(f"'{name}' starts at an SMPTE offset of {seconds:.3f} s, which is honoured")
    if first.hours:
        remarks.append(f"'{name}': the SMPTE offset's hour, {first.hours}, is taken as a reel number")
    if len({tuple(sorted(offset.dict().items())) for offset in found.offsets}) > 1:
        remarks.append(f"'{name}': SMPTE offsets behind the first are ignored")
    return seconds, tuple(remarks)


def _keys(found: _Collected, tempo_map: TempoMap) -> tuple[KeySignature, ...]:
    ordered = sorted(found.keys, key=lambda key: key[0])
    latest = {tick: (fifths, minor) for tick, fifths, minor in ordered}  # tracks often repeat each other
    return tuple(
        KeySignature(tick, tempo_map.seconds(tick), fifths, minor) for tick, (fifths, minor) in latest.items()
    )


def _marks(marks: list[tuple[int, str]], tempo_map: TempoMap) -> tuple[Mark, ...]:
    ordered = sorted(marks, key=lambda mark: mark[0])
    return tuple(Mark(tick, tempo_map.seconds(tick), text) for tick, text in ordered)


def _in_order(changes: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(changes, key=lambda change: int(change.tick)))


def _text(raw: str) -> str:
    """A name as people read it: UTF-8 where it is that, else Latin-1; control characters are left out."""
    with contextlib.suppress(UnicodeError):
        raw = raw.encode("latin-1").decode("utf-8")
    return "".join(letter for letter in raw if letter.isprintable()).strip()[:200]
