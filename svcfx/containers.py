"""What stands before the samples: whether there is a file at all, and what its container promises.

libsndfile does not check the latter: a cut WAV or OGG reads short in silence.
"""

import os
import stat
import struct
from pathlib import Path

from svcfx.errors import AudioFileError, nearest

_UNKNOWN_BYTES = 0x7FFF0000  # from here on a RIFF size means "not known": what sox and others write to a pipe


def ogg_is_whole(path: Path) -> bool:
    """Whether the last page carries the end-of-stream flag (RFC 3533, section 6, header_type 0x04)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    start = tail.rfind(b"OggS")
    return (
        start >= 0 and len(tail) > start + 26 and bool(tail[start + 5] & 0x04) and _page_whole(tail[start:])
    )


def _page_whole(page: bytes) -> bool:
    count = page[26]
    return len(page) >= 27 + count and len(page) >= 27 + count + sum(page[27 : 27 + count])


def wav_frames(path: Path) -> int:
    """Frames that a RIFF header promises, 0 when this is no RIFF file (libsndfile trusts the file size)."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return 0
        block = 0
        while len(chunk := file.read(8)) == 8:
            name, size = chunk[:4], struct.unpack("<I", chunk[4:])[0]
            if name == b"fmt ":
                form = file.read(size + (size & 1))
                block = struct.unpack("<H", form[12:14])[0] if len(form) >= 14 else 0
                continue
            if name == b"data":
                return 0 if size >= _UNKNOWN_BYTES or block == 0 else int(size // block)
            file.seek(size + (size & 1), os.SEEK_CUR)
    return 0


def refuse_no_file(path: Path) -> None:
    """Raise `AudioFileError` for a path that is no file with bytes in it; a near name is told."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        if not isinstance(error, FileNotFoundError):
            why = getattr(error, "strerror", None) or str(error)
            raise AudioFileError(f"'{path}' may not be read: {why.lower()}") from error
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise AudioFileError(f"'{path}' does not exist{nearest(path.name, siblings)}") from error
    if stat.S_ISDIR(found.st_mode):
        raise AudioFileError(f"'{path}' is a folder, not an audio file")
    if not stat.S_ISREG(found.st_mode):
        raise AudioFileError(f"'{path}' is a device or pipe, not an audio file")
    if found.st_size == 0:
        raise AudioFileError(f"'{path}' is empty (0 bytes)", hint="export it again")
