"""Files of entries below a folder: each is there whole or not at all, and known by its checksum.

The checksum is a CRC-32: it is to see what a disk damaged, and takes a third of the time of a hash that is to
withstand somebody who means harm; who may write here could write any hash beside it.
"""

import contextlib
import os
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from svcfx import scratch
from svcfx.render import packed
from svcfx.render.index import Row
from svcfx.render.store import Entry

ENTRIES, SUFFIX = "steps", ".step"
_STALE_SECONDS = 3600.0
_PIECE = 1 << 20
"""Bytes that are summed and written at a time: they stay in the processor's own memory between the two."""
IN_MEMORY = 96 * 2**20
"""Bytes of the largest entry that is read into memory whatever lies there: two or three are, at once."""


class Ended(Exception):
    """Nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The files; every call may raise `OSError`."""

    folder: Path

    def place(self, key: str) -> Path:
        """Where the entry of a key lies."""
        return self.folder / ENTRIES / key[:2] / f"{key}{SUFFIX}"

    def write(self, key: str, entry: Entry, has_ended: Callable[[], bool]) -> Row:
        """Keep an entry beside its place and move it there; it is not waited for until it is on the disk.

        Raises:
            ValueError: It holds what no file of this form can.
            Ended: `has_ended` said so; nothing is left behind.
        """
        place = self.place(key)
        beside = place.with_name(f".{key[:40]}-{os.urandom(4).hex()}{SUFFIX}")
        checksum = size = 0
        try:
            with _new(beside) as file:
                for part in _parts(entry):
                    if has_ended():
                        raise Ended
                    checksum, size = zlib.crc32(part, checksum), size + len(part)
                    file.write(part)
            beside.replace(place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        return key, size, f"{checksum:08x}"

    def read(self, row: Row) -> Entry:
        """The entry of a row; its arrays are not written to.

        Raises:
            FileNotFoundError: It is gone.
            Unreadable: It is not what was kept.
        """
        key, size, checksum = row
        data = _read(self.place(key), size)
        if data is None or f"{zlib.crc32(data):08x}" != checksum:
            raise packed.Unreadable("it is not what was kept")
        return packed.read(data)

    def drop(self, key: str) -> None:
        """Take away an entry, if it is there."""
        self.place(key).unlink(missing_ok=True)

    def clear(self) -> None:
        """Take away all."""
        for path in self._every():
            path.unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> None:
        """Take away files that are none of the `known` keys, but young ones: somebody may be writing them."""
        for path in self._every():
            with contextlib.suppress(OSError):
                old = time.time() - path.stat().st_mtime > _STALE_SECONDS
                if old and path.stem not in known:
                    path.unlink()

    def _every(self) -> list[Path]:
        return [path for path in (self.folder / ENTRIES).glob("??/*") if path.suffix == SUFFIX]


def _new(path: Path) -> BinaryIO:
    """A new file, in a folder that may be new too."""
    try:
        return path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")


def _parts(entry: Entry) -> Iterator[bytes | memoryview]:
    """The bytes of an entry, a few at a time."""
    for piece in packed.pieces(entry):
        for start in range(0, len(piece), _PIECE):
            yield piece[start : start + _PIECE]


def _read(path: Path, size: int) -> memoryview | None:
    """A file's bytes, not to be written to; None when they are not `size`."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != size:
            return None
        # numpy asks for large pages, so memory that is there is faster
        data = np.empty(size, np.uint8) if size <= IN_MEMORY else scratch.zeros((size,), np.uint8)
        count = file.readinto(data.data)
    data.setflags(write=False)
    return data.data if count == size else None
