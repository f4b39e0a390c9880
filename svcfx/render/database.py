"""Transactions on a SQLite file that many processes share (WAL mode).

To open one costs milliseconds, so the last one of a thread stays open for as long as its file stays the same.
No connection goes from thread to thread or into a fork.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENDINGS = ("", "-wal", "-shm", "-journal")
_WAIT_SECONDS = 20.0


@dataclass
class _Open:
    """A connection, whose it is, and the file that it was opened on."""

    base: sqlite3.Connection
    process: int
    path: Path
    file: tuple[int, ...]


_mine = threading.local()


@contextlib.contextmanager
def transaction(path: Path, table: str) -> Iterator[sqlite3.Connection]:
    """A connection to the file at `path`, which is made when it is not there; what is done is kept whole or
    not at all.

    Args:
        path: The file.
        table: `CREATE TABLE IF NOT EXISTS` of what it holds.

    Raises:
        sqlite3.Error: The file is no database, or stayed locked.
        OSError: Its folder cannot be made.
    """
    known: _Open | None = getattr(_mine, "last", None)
    if known is None or (known.process, known.path, known.file) != (os.getpid(), path, _file(path)):
        known = _mine.last = _opened(path, table)
    try:
        with known.base:
            yield known.base
    except BaseException:
        close()
        raise
    known.file = _file(path)


def close() -> None:
    """Close this thread's connection: before its file is taken away, or left to others."""
    known: _Open | None = getattr(_mine, "last", None)
    _mine.last = None
    if known is not None and known.process == os.getpid():
        known.base.close()


def remove(path: Path) -> None:
    """Take away the file at `path` and what SQLite keeps beside it."""
    close()
    for ending in ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _opened(path: Path, table: str) -> _Open:
    close()
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute(table)
    except BaseException:
        base.close()
        raise
    return _Open(base, os.getpid(), path, _file(path))


def _file(path: Path) -> tuple[int, ...]:
    """What tells a file from another at its place, and from itself rewritten."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
