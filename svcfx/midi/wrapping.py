"""MIDI files inside other files: RIFF (.rmi), or bytes that a transfer put in front."""

from svcfx.errors import MidiError
from svcfx.midi.remarks import Remark

_MAGIC = b"MThd"
_MOST_BEFORE = 1024


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
