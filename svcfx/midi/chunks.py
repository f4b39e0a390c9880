"""Standard MIDI file chunks as bytes, walked and counted before any parser sees them.

A parser that trusts lengths can be made to hang or to fill memory by a few wrong bytes. Here every
length is compared with what is there, in one pass, so what comes after is bounded by the file's size.
Source: Standard MIDI Files 1.0 (RP-001), MIDI Association.
"""

import struct
from dataclasses import dataclass

from svcfx.errors import MidiError

MAX_BYTES = 1_000_000
MAX_EVENTS = 100_000

_EXPORT = "export the song again as a Standard MIDI File, type 1"
_META, _SYSEX, _ESCAPE, _END_OF_TRACK = 0xFF, 0xF0, 0xF7, 0x2F
_SHORT = (0xC0, 0xD0)  # program change and channel pressure carry one data byte, the others two


@dataclass(frozen=True, slots=True)
class Chunks:
    """The header's numbers and the bodies of the track chunks."""

    form: int
    ticks_per_quarter: int
    tracks: tuple[bytes, ...]


def split(data: bytes, name: str) -> Chunks:
    """Split a file's bytes into its header and its tracks; chunks of other kinds are skipped.

    Raises:
        MidiError: No MIDI file, type 2, SMPTE division, a division of 0, truncated, or over 100,000 events.
    """
    if data[:4] != b"MThd":
        raise MidiError(f"'{name}' is no MIDI file: it begins with {data[:4]!r}, not b'MThd'", hint=_EXPORT)
    if len(data) < 14 or (size := _size(data, 4)) < 6:
        raise MidiError(f"'{name}' is truncated: its header is incomplete", hint=_EXPORT)
    form, count, division = struct.unpack(">HHH", data[8:14])
    _check_header(form, division, name)
    tracks = _tracks(data, 8 + size, count, name)
    events = 0
    for number, body in enumerate(tracks, 1):
        events += _count_events(body, f"'{name}', track {number}")
        if events > MAX_EVENTS:
            raise MidiError(
                f"'{name}' holds more than {MAX_EVENTS:,} events",
                hint="thin its controller data, or delete tracks that svcfx does not use",
            )
    return Chunks(form, division, tracks)


def _check_header(form: int, division: int, name: str) -> None:
    if form == 2:
        raise MidiError(
            f"'{name}' is a type 2 MIDI file (independent patterns); svcfx reads types 0 and 1", hint=_EXPORT
        )
    if form > 2:
        raise MidiError(f"'{name}' says MIDI file type {form}; svcfx reads types 0 and 1", hint=_EXPORT)
    if division & 0x8000:
        raise MidiError(
            f"'{name}' counts time in SMPTE frames; svcfx reads ticks per quarter note",
            hint="export it again with a musical time base (ticks or PPQ)",
        )
    if division == 0:
        raise MidiError(f"'{name}' says 0 ticks per quarter note, so it has no time", hint=_EXPORT)


def _tracks(data: bytes, position: int, count: int, name: str) -> tuple[bytes, ...]:
    tracks: list[bytes] = []
    while position + 8 <= len(data) and len(tracks) < count:
        end = position + 8 + _size(data, position + 4)
        if end > len(data):
            missing = f"{end - len(data):,} of its bytes are missing"
            raise MidiError(f"'{name}' is truncated in track {len(tracks) + 1}: {missing}", hint=_EXPORT)
        if data[position : position + 4] == b"MTrk":
            tracks.append(data[position + 8 : end])
        position = end
    if len(tracks) < count or not tracks:
        raise MidiError(f"'{name}' holds {len(tracks)} tracks, its header says {count}", hint=_EXPORT)
    return tuple(tracks)


def _size(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 4], "big")


def _count_events(body: bytes, where: str) -> int:
    """Walk one track and return its number of events, or raise `MidiError` at the first that does not fit."""
    position, status, count = 0, 0, 0
    try:
        while position < len(body):
            _, position = _variable(body, position)
            if body[position] >= 0x80:
                head = body[position]
                position += 1
                # A meta event leaves running status alone, as common writers expect; sysex ends it.
                status = status if head == _META else 0 if head in (_SYSEX, _ESCAPE) else head
            else:
                head = status
            position = _after(body, position, head, where)
            count += 1
            if count > MAX_EVENTS:
                break
    except IndexError:
        raise MidiError(f"{where}, ends in the middle of an event", hint=_EXPORT) from None
    return count


def _after(body: bytes, position: int, head: int, where: str) -> int:
    """Position after the data of an event with status `head`, whose data begin at `position`."""
    if head == 0:
        raise MidiError(f"{where}, byte {position}: a data byte where an event should begin", hint=_EXPORT)
    if 0x80 <= head < 0xF0:
        data = body[position : position + (1 if head & 0xF0 in _SHORT else 2)]
        if any(byte > 0x7F for byte in data):
            raise MidiError(f"{where}, byte {position}: an event's data exceed 127", hint=_EXPORT)
        end = position + (1 if head & 0xF0 in _SHORT else 2)
    elif head in (_META, _SYSEX, _ESCAPE):
        length, start = _variable(body, position + (head == _META))
        end = start + length
    else:
        raise MidiError(f"{where}, byte {position}: status {head:#04x} has no place in a file", hint=_EXPORT)
    if end > len(body):
        raise IndexError
    return end


def _variable(body: bytes, position: int) -> tuple[int, int]:
    """A variable-length quantity of at most four bytes, and the position after it."""
    value = 0
    for offset in range(4):
        byte = body[position + offset]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + offset + 1
    raise MidiError(f"a MIDI number at byte {position} of a track is longer than four bytes", hint=_EXPORT)
