"""Zip archives of strangers: looked at before anything is unpacked, and unpacked as far as is allowed."""

import re
import stat
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from svcfx.errors import InputError

MOST_FILES = 10_000
MOST_BYTES = 16 << 30
"""Of all files that are unpacked."""
MOST_TIMES = 200
"""How much smaller than itself a file of audio may be packed; silence in a WAV is 1000 times smaller, so the
law holds from `SMALL_BYTES` on."""
SMALL_BYTES = 64 << 20
_BLOCK = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:")


class Archive:
    """An archive whose list of files was looked at."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file, self._path = file, path
        self._left = MOST_BYTES
        members = file.infolist()
        if len(members) > MOST_FILES:
            raise self._refused(f"holds {len(members):,} files, allowed are {MOST_FILES:,}")
        self._members = {_plain(member.filename): member for member in members}
        for member in members:
            self._check(member)
        if len(self._members) < len(members):
            raise self._refused("holds two files of one name")

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._members

    def read(self, name: str, most_bytes: int) -> bytes:
        """A file in memory.

        Raises:
            InputError: It is not there, longer than `most_bytes`, or damaged.
        """
        return b"".join(self._blocks(name, most_bytes))

    def unpack(self, name: str, target: Path) -> None:
        """Write a file to `target`; raises as `read` does."""
        with target.open("wb") as file:
            for block in self._blocks(name, self._left):
                file.write(block)

    def _blocks(self, name: str, most_bytes: int) -> Iterator[bytes]:
        """A file in pieces, counted as they come: what its header says of its size is not believed."""
        member = self._members.get(_plain(name))
        if member is None:
            raise self._refused(f"holds no '{name}'")
        done, packed = 0, max(member.compress_size, 1)
        try:
            with self._file.open(member) as stream:
                while block := stream.read(_BLOCK):
                    done += len(block)
                    self._left -= len(block)
                    if done > most_bytes or self._left < 0:
                        raise self._refused(
                            f"holds '{name}', which unpacks to more than {most_bytes:,} bytes"
                        )
                    if done > SMALL_BYTES and done > MOST_TIMES * packed:
                        raise self._refused(
                            f"holds '{name}', which unpacks to more than {MOST_TIMES} times its size"
                        )
                    yield block
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise self._refused(f"holds '{name}', which cannot be unpacked: {error}") from error

    def _check(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        parts = PurePosixPath(_plain(name)).parts
        if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name) or "\0" in name:
            raise self._refused(f"holds '{name}', which leads outside")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise self._refused(f"holds '{name}', a link")
        if member.flag_bits & 1:
            raise self._refused(f"holds '{name}', which is encrypted")

    def _refused(self, said: str) -> InputError:
        return InputError(f"archive '{self._path}' {said}")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive, to be read inside the block.

    Raises:
        InputError: It is none, or what is in it is not what a song holds.
    """
    try:
        with zipfile.ZipFile(path) as file:
            yield Archive(file, path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, InputError):
            raise
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"'{path}' is no archive that can be opened: {said.lower()}") from error


def write(target: Path, texts: Sequence[tuple[str, bytes]], files: Collection[tuple[str, Path]]) -> None:
    """Write an archive whose bytes follow from its contents alone: texts packed, files stored as they are."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in texts:
            archive.writestr(_member(name, zipfile.ZIP_DEFLATED), data)
        for name, path in files:
            member = _member(name, zipfile.ZIP_STORED)
            member.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(member, "w") as stream:
                while block := source.read(_BLOCK):
                    stream.write(block)


def _member(name: str, method: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type, member.external_attr = method, 0o644 << 16
    return member


def _plain(name: str) -> str:
    """A member's name as it is compared: slashes alone, no dots in front."""
    return PurePosixPath(name.replace("\\", "/")).as_posix()
