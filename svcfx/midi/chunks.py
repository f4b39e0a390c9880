"""Standard MIDI file chunks as bytes: the header, and where each track really begins and ends.

A reader that trusts lengths can be made to hang, to fill memory, or to lose a song over three bytes. Here a
length is believed when another chunk or the end of the file lies where it leads; else the track's own events
say where it ends. Everything is walked once and counted, so work is bounded by the file's size.
Source: Standard MIDI Files 1.0 (RP-001), MIDI Association.
"""

import struct
from dataclasses import dataclass, field

from svcfx.errors import MidiError
from svcfx.midi.events import EXPORT, Broken, Budget, Walked, is_believable, walk
from svcfx.midi.remarks import Remark

_MAGIC = b"MThd"
_MOST_BEFORE = 1024
MAX_BYTES = 1_000_000
MAX_TRACKS = 10_000


def unwrap(data: bytes, name: str) -> tuple[bytes, tuple[Remark, ...]]:
    """The bytes from the MIDI file's own beginning on, and what is to be said about what lay before.

    Raises:
        MidiError: No MIDI file is in it.

    Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), RMID.
    """
    if data[:4] == _MAGIC:
        return data, ()
    if data[:4] == b"RIFF":
        return _riff(data, name), ()
    at = data.find(_MAGIC, 0, _MOST_BEFORE)
    if at < 0:
        raise MidiError(
            f"'{name}' is no MIDI file: it begins with {data[:4]!r}, not b'MThd'",
            hint="export the song as a Standard MIDI File, type 1",
        )
    return data[at:], (Remark(f"'{name}': {at:,} bytes before its beginning (MThd) are passed over"),)


def _riff(data: bytes, name: str) -> bytes:
    """The chunk `data` of a RIFF file of kind RMID."""
    position = 12
    while position + 8 <= len(data):
        start, size = position + 8, int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] == b"data" and data[start : start + 4] == _MAGIC:
            return data[start : start + size] if size >= 14 else data[start:]
        position = start + size + size % 2
    at = data.find(_MAGIC, 12)
    if data[8:12] != b"RMID" or at < 0:
        kind = data[8:12].decode("latin-1").strip() or "unknown"
        raise MidiError(
            f"'{name}' is no MIDI file: it is a RIFF file of kind {kind!r} without MIDI data (MThd)",
            hint="export the song as a Standard MIDI File, type 1",
        )
    return data[at:]


@dataclass(frozen=True, slots=True)
class Chunks:
    """The header's numbers, the tracks, and the bytes that the tracks' events point into."""

    data: bytes
    form: int
    ticks_per_quarter: int
    tracks: tuple[Walked, ...]
    remarks: tuple[Remark, ...]


def split(data: bytes, name: str, used: frozenset[int]) -> Chunks:
    """Split a file's bytes into its header and its tracks; chunks of other kinds are skipped.

    Args:
        data: The file, at most 1 MB.
        name: What messages call it.
        used: Types of the meta events that are wanted.

    Raises:
        MidiError: Over 1 MB, no MIDI file, type 2, SMPTE division, a division of 0, truncated, damaged,
            over 100,000 events, or over 10,000 tracks.
    """
    check_size(len(data), name)
    data, remarks = unwrap(data, name)
    if len(data) < 14 or (size := _size(data, 4)) < 6:
        raise MidiError(f"'{name}' is truncated: its header is incomplete", hint=EXPORT)
    form, count, division = struct.unpack(">HHH", data[8:14])
    _check_header(form, division, name)
    body = _Body(data, name, used)
    body.read(8 + size if is_believable(data, 8 + size) else 14)
    _check_count(body, count, name)
    if form == 0 and len(body.tracks) > 1:
        form = 1
        body.remarks.append(Remark(f"'{name}' says type 0, one track, and is read as type 1"))
    elif len(body.tracks) > count:
        body.remarks.append(
            Remark(f"'{name}' says {count} tracks, {len(body.tracks)} are there: all are read")
        )
    return Chunks(data, form, division, tuple(body.tracks), (*remarks, *body.remarks))


def check_size(size: int, name: str) -> None:
    """Refuse a file of `size` bytes that is over 1 MB."""
    if size > MAX_BYTES:
        raise MidiError(
            f"'{name}' has {size:,} bytes, at most {MAX_BYTES:,} are read",
            hint="export only the tracks that svcfx uses: tempo, key, controllers",
        )


def _check_header(form: int, division: int, name: str) -> None:
    if form == 2:
        raise MidiError(
            f"'{name}' is a type 2 MIDI file (independent patterns); svcfx reads types 0 and 1", hint=EXPORT
        )
    if form > 2:
        raise MidiError(f"'{name}' says MIDI file type {form}; svcfx reads types 0 and 1", hint=EXPORT)
    if division & 0x8000:
        raise MidiError(
            f"'{name}' counts time in SMPTE frames; svcfx reads ticks per quarter note",
            hint="export it again with a musical time base (ticks or PPQ)",
        )
    if division == 0:
        raise MidiError(f"'{name}' says 0 ticks per quarter note, so it has no time", hint=EXPORT)


def _check_count(body: "_Body", count: int, name: str) -> None:
    # Some writers count chunks of their own kinds among the tracks.
    if not body.tracks or len(body.tracks) + body.others < count:
        raise MidiError(f"'{name}' holds {len(body.tracks)} tracks, its header says {count}", hint=EXPORT)


def _size(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 4], "big")


@dataclass(slots=True)
class _Body:
    """What lies behind the header, while it is being read."""

    data: bytes
    name: str
    used: frozenset[int]
    tracks: list[Walked] = field(default_factory=list)
    others: int = 0
    remarks: list[Remark] = field(default_factory=list)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.name)

    def read(self, position: int) -> None:
        """Read chunk after chunk; what is none is passed over up to the next track, and said."""
        while position < len(self.data):
            if self.data.startswith(b"MTrk", position) and position + 8 <= len(self.data):
                position = self._track(position)
            elif is_believable(self.data, position) and is_believable(self.data, self._end(position)):
                self.others += 1
                position = self._end(position)
            else:
                found = self.data.find(b"MTrk", position + 1)
                position = self._pass_over(position, found if found >= 0 else len(self.data))

    def _end(self, position: int) -> int:
        return position + 8 + _size(self.data, position + 4)

    def _pass_over(self, start: int, end: int) -> int:
        if self.data[start:end].strip(b"\0"):
            self._say(f"{end - start:,} bytes that belong to no track are passed over")
        return end

    def _track(self, position: int) -> int:
        """Walk the track whose chunk begins at `position`; returns where the next one is looked for."""
        claim = self._end(position)
        if len(self.tracks) == MAX_TRACKS:
            raise MidiError(
                f"'{self.name}' holds more than {MAX_TRACKS:,} tracks",
                hint="export only the tracks that svcfx uses: tempo, key, controllers",
            )
        try:
            walked = walk(self.data, position + 8, claim, self.budget, self.used)
        except Broken as broken:
            if claim > len(self.data):
                self._refuse_truncated(position, claim)
            raise MidiError(
                f"'{self.name}', track {len(self.tracks) + 1}, byte {broken.at:,}: {broken.why}", hint=EXPORT
            ) from None
        if claim > len(self.data) and walked.end == len(self.data) and not walked.has_end:
            self._refuse_truncated(position, claim)
        self.tracks.append(walked)
        if is_believable(self.data, claim):
            self._pass_over(walked.end, claim)
            return claim
        if walked.end != claim:
            stored, real = claim - position - 8, walked.end - position - 8
            ending = "its End of Track" if walked.has_end else "the next track"
            self._say(
                f"the stored length of {stored:,} bytes is wrong, it is read on to {ending}, {real:,} bytes"
            )
        return walked.end

    def _say(self, what: str) -> None:
        where = f"'{self.name}', track {len(self.tracks)}" if self.tracks else f"'{self.name}'"
        self.remarks.append(Remark(f"{where}: {what}"))

    def _refuse_truncated(self, position: int, claim: int) -> None:
        there = len(self.data) - position - 8
        raise MidiError(
            f"'{self.name}' is truncated in track {len(self.tracks) + 1}: it should have "
            f"{claim - position - 8:,} bytes, {there:,} are there and none of them ends the track",
            hint=EXPORT,
        )
