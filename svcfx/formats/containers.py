"""What stands before the samples: whether there is a file at all, what kind it is, what its container says.

libsndfile does not check the latter: a cut WAV or OGG, or the second of two joined ones, is missed silently.
"""

import io
import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from svcfx.errors import AudioFileError, nearest
from svcfx.formats import mpeg
from svcfx.formats.mpeg import Data

Kind = Literal["riff", "mpeg", "ogg", "flac", "caf", "sndfile", "other"]
_MAGIC: dict[bytes, Kind] = {
    b"RIFF": "riff",
    b"OggS": "ogg",
    b"fLaC": "flac",
    b"caff": "caf",
    b"FORM": "sndfile",
    b"RF64": "sndfile",
    b"RIFX": "sndfile",
    b"riff": "sndfile",  # W64
    b".snd": "sndfile",
    b"dns.": "sndfile",
    b"NIST": "sndfile",
    b" paf": "sndfile",
    b"fap ": "sndfile",
    b"PVF1": "sndfile",
    b"2BIT": "sndfile",
    b"\x64\xa3\x01\0": "sndfile",  # IRCAM, in its four byte orders
    b"\x64\xa3\x02\0": "sndfile",
    b"\0\x01\xa3\x64": "sndfile",
    b"\0\x02\xa3\x64": "sndfile",
}
_SUFFIXES = """
3gp aac ac3 adts aif aifc aiff amr ape asf au bwf caf dts eac3 ec3 flac m4a m4b mka mp2 mp3 mp4 mpc mpga
oga ogg opus rf64 snd spx tta voc w64 wav wave weba webm wma wv
"""
READABLE = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
"""Suffixes of what is read."""
_HEAD_BYTES = 65_536
_FLAC_AGAIN = b"fLaC\0\0\0\x22"  # a stream begins with its STREAMINFO block of 34 bytes, RFC 9639, section 8


def mapped(path: Path) -> mmap.mmap:
    """The bytes of a file that has some; close it."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def identity(path: Path) -> tuple[int, ...]:
    """What changes when a file does: what was found out about it is kept under this."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def kind_of(data: Data) -> Kind:
    """What a file is by its first bytes, whatever its name says."""
    found = _MAGIC.get(bytes(data[:4]))
    if found:
        return found
    return "mpeg" if mpeg.is_mpeg(data) else "other"


def has_audio_inside(path: Path) -> bool:
    """Whether a file begins as audio does; only regular files are looked into."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    if head[:4] in (b"RIFF", b"FORM"):
        return head[8:12] in (b"WAVE", b"AIFF", b"AIFC")
    return kind_of(head) != "other" or head[4:12] == b"ftypM4A "


def ogg_is_whole(data: Data) -> bool:
    """Whether the last page carries the end-of-stream flag (RFC 3533, section 6, header_type 0x04)."""
    tail = data[max(0, len(data) - 70_000) :]
    start = tail.rfind(b"OggS")
    return (
        start >= 0 and len(tail) > start + 26 and bool(tail[start + 5] & 0x04) and _page_whole(tail[start:])
    )


def _page_whole(page: bytes) -> bool:
    count = page[26]
    return len(page) >= 27 + count and len(page) >= 27 + count + sum(page[27 : 27 + count])


def starts(data: Data, kind: Kind) -> tuple[int, ...]:
    """Where the files that were joined to this OGG or FLAC begin, its own start first."""
    return tuple(_ogg_starts(data)) if kind == "ogg" else tuple(_flac_starts(data))


def _flac_starts(data: Data) -> Iterator[int]:
    yield 0
    for first in (_FLAC_AGAIN, b"fLaC\x80\0\0\x22"):
        at = data.find(first, 4)
        while at >= 0:
            yield at
            at = data.find(first, at + 4)


def _ogg_starts(data: Data) -> Iterator[int]:
    """Pages with the flag for a first page (0x02), but for those that follow another one directly."""
    at, begun = 0, False
    while 0 <= at < len(data):
        first = bool(data[at + 5] & 0x02) if at + 27 <= len(data) else False
        if first and not begun:
            yield at
        begun = first
        if at + 27 > len(data):
            return
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        at = data.find(b"OggS", at + size)


class Spliced(io.RawIOBase):
    """A file to read: `head`, and behind it `size` bytes of `data` from `at` on."""

    def __init__(self, data: Data, head: bytes = b"", at: int = 0, size: int | None = None) -> None:
        super().__init__()
        self._data, self._head, self._at = data, head, at
        self._size = len(head) + (len(data) - at if size is None else size)
        self._place = 0

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Bytes before the next one read."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer at the end."""
        stop = self._size if size is None or size < 0 else min(self._place + size, self._size)
        head = self._head[self._place : stop]
        first = self._at + max(self._place + len(head), len(self._head)) - len(self._head)
        got = head + self._data[first : first + max(0, stop - self._place - len(head))]
        self._place += len(got)
        return got

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`, less at the end; return how many bytes."""
        got = self.read(len(buffer))
        buffer[: len(got)] = got
        return len(got)


def refuse_no_file(path: Path) -> None:
    """Raise `AudioFileError` for a path that is no file with bytes in it; a near name is told."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        if not isinstance(error, FileNotFoundError):
            why = getattr(error, "strerror", None) or str(error)
            raise AudioFileError(f"'{path}' may not be read: {why.lower()}") from error
        if path.is_symlink():
            raise AudioFileError(
                f"'{path}' is a link to '{path.readlink()}', which does not exist",
                hint="mend the link, or name the file itself",
            ) from error
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise AudioFileError(f"'{path}' does not exist{nearest(path.name, siblings)}") from error
    if stat.S_ISDIR(found.st_mode):
        raise AudioFileError(f"'{path}' is a folder, not an audio file")
    if not stat.S_ISREG(found.st_mode):
        raise AudioFileError(f"'{path}' is a device or pipe, not an audio file")
    if found.st_size == 0:
        raise AudioFileError(f"'{path}' is empty (0 bytes)", hint="export it again")
