"""SHA-256 of files, each read once a process for as long as it stays as it is; once in all, with a book."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Protocol

State = tuple[int | str, ...]
"""What tells a file from others and from itself changed: device, inode, bytes, when it was changed in
nanoseconds, and when its inode was, which nobody can set. Of many files, a hash of all of these."""


class Book(Protocol):
    """Knows hashes of files from earlier processes."""

    def hash_of(self, state: State) -> str:
        """The hash of a file in that state; "" where it is not known."""
        ...

    def note_hash(self, state: State, sha256: str) -> None:
        """Take it down."""
        ...


_books: list[Book] = []


def look_in(book: Book) -> None:
    """Ask `book` before a file is read, in this process from now on."""
    _books[:] = [book]


_SETTLED_SECONDS = 2.0
"""A file that changed less than this ago may change again without its time telling."""


def of_file(path: Path) -> str:
    """The hash of a file's bytes in hexadecimal; raises `OSError` when it cannot be read."""
    stat = path.stat()
    if not _is_settled(stat):
        return read(path)
    return _remembered(path.resolve(), _state(stat))


def of_tree(path: Path) -> str:
    """The hash of a file, or of a folder's files and their names; raises as `of_file` does."""
    if path.is_file():
        return of_file(path)
    return of_files(path, (file for file in path.rglob("*") if file.is_file()))


def of_files(folder: Path, files: Iterable[Path | str]) -> str:
    """The hash of files below a folder and of their names there; raises as `of_file` does."""
    start = len(os.path.join(folder, ""))
    named = sorted((str(file)[start:].replace(os.sep, "/"), str(file)) for file in files)

    def stats() -> list[os.stat_result]:
        return [os.stat(file) for _, file in named]

    def state(of: Iterable[os.stat_result]) -> State:
        states = [(name, _state(stat)) for (name, _), stat in zip(named, of, strict=True)]
        return ("files", hashlib.sha256(repr(states).encode()).hexdigest())

    def make() -> str:
        hashed = hashlib.sha256()
        for name, file in named:
            hashed.update(f"{name}\0{read(Path(file))}\0".encode())
        return hashed.hexdigest()

    found = stats()
    return _kept(state(found), make, lambda: state(stats())) if all(map(_is_settled, found)) else make()


def _is_settled(stat: os.stat_result) -> bool:
    return max(stat.st_mtime, stat.st_ctime) <= time.time() - _SETTLED_SECONDS


def _state(stat: os.stat_result) -> State:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


@lru_cache(maxsize=4096)
def _remembered(path: Path, state: State) -> str:
    return _kept(state, lambda: read(path), lambda: _state(path.stat()))


def _kept(state: State, make: Callable[[], str], now: Callable[[], State]) -> str:
    """The hash of what is in a state: as a book has it, or made, and taken down if the state still is so."""
    for book in _books:
        if known := book.hash_of(state):
            return known
    made = make()
    if now() == state:
        for book in _books:
            book.note_hash(state, made)
    return made


def read(path: Path) -> str:
    """As `of_file`, of the bytes that are there now, whatever was read before."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
