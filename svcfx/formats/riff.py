"""RIFF WAVE headers: what they promise, what lies behind them, and a right header where one is off by little.

Recorders that crash leave a length of 0, careless writers one that is some bytes too large, or a chunk of odd
size without its pad byte. Players read what is there; libsndfile refuses it or reads nothing.

Source: Microsoft and IBM, Multimedia Programming Interface 1.0, chapter 2; RFC 2361 for the format tags.
"""

import struct
from dataclasses import dataclass

from svcfx.formats.mpeg import Data

UNKNOWN_BYTES = 0x7FFF0000  # from here on a size means "not known": what sox and others write to a pipe
SLIP_BYTES = 64  # a data size that is larger by so little counted a header; by more, the file was cut
_MPEG_TAGS = (0x50, 0x55)


@dataclass(frozen=True, slots=True)
class Riff:
    """What stands in a WAV file. Sizes and places in bytes.

    `promised` is the data size that the header gives, `there` how much of it there is. `unpadded`: a chunk
    of odd size has no pad byte. `joined`: another RIFF file begins right behind this one.
    """

    form: bytes
    fact: bytes
    data_at: int
    promised: int
    there: int
    unpadded: bool
    joined: bool

    @property
    def block(self) -> int:
        """Bytes of a frame (of a packet, in compressed formats); 0 in a damaged header."""
        return int(struct.unpack("<H", self.form[12:14])[0])

    @property
    def is_mpeg(self) -> bool:
        """Whether an MP2 or MP3 stands in the data chunk."""
        return struct.unpack("<H", self.form[:2])[0] in _MPEG_TAGS

    @property
    def frames_promised(self) -> int:
        """Frames by the header; 0 where it does not say, or where packets are not frames."""
        return 0 if self.promised >= UNKNOWN_BYTES or not self.block else self.promised // self.block

    @property
    def streamed(self) -> bool:
        """Whether the header says 0 bytes and sound is behind it."""
        return self.promised == 0 and self.there >= max(self.block, 1)

    @property
    def slipped(self) -> int:
        """How many bytes the promised size is too large, when that is little; else 0."""
        missing = self.promised - self.there
        return missing if 0 < missing <= SLIP_BYTES and self.there >= self.block else 0

    @property
    def head(self) -> bytes:
        """A right header for the data that is there."""
        size = self.there - self.there % max(self.block, 1)
        chunks = _chunk(b"fmt ", self.form) + (_chunk(b"fact", self.fact) if self.fact else b"")
        body = b"WAVE" + chunks + b"data" + struct.pack("<I", size)
        return b"RIFF" + struct.pack("<I", len(body) + size) + body


def parse(data: Data) -> Riff | None:
    """What `data` (bytes, or a map of a file) holds; None when it is no RIFF WAVE with format and data."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    form = fact = b""
    at, unpadded = 12, False
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = at + 8
        if name == b"data":
            return _with_data(data, form, fact, body, size, unpadded) if len(form) >= 14 else None
        form = data[body : body + size] if name == b"fmt " else form
        fact = data[body : body + size] if name == b"fact" else fact
        at = body + size + (size & 1)
        if size & 1 and not _is_name(data[at : at + 4]) and _is_name(data[at - 1 : at + 3]):
            at, unpadded = at - 1, True
    return None


def _with_data(data: Data, form: bytes, fact: bytes, at: int, size: int, unpadded: bool) -> Riff:
    behind = len(data) - at
    there = min(size, behind)
    if size == 0 and not _only_chunks(data, at):
        there = behind
    end = at + there + (there & 1)
    return Riff(form, fact, at, size, there, unpadded, data[end : end + 4] == b"RIFF")


def _only_chunks(data: Data, at: int) -> bool:
    """Whether from `at` to the end there are chunks and nothing else: then there is no sound."""
    while at + 8 <= len(data) and _is_name(data[at : at + 4]):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)
    return at in (len(data), len(data) + 1)


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= letter < 127 for letter in name) and name[:1] != b" "


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)
