"""Transactions on SQLite files that many processes share (WAL mode).

To open one costs milliseconds, so those that a thread used last stay open for as long as their files stay the
same. No connection goes from thread to thread or into a fork.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ENDINGS = ("", "-wal", "-shm", "-journal")
_WAIT_SECONDS, _PAUSE_SECONDS = 20.0, 0.01
_MOST_OPEN = 3


@dataclass
class _Open:
    """A connection, whose it is, and the file that it was opened on."""

    base: sqlite3.Connection
    process: int
    file: tuple[int, ...]


_mine = threading.local()


@contextlib.contextmanager
def transaction(path: Path, tables: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """A connection to the file at `path`, which is made when it is not there; what is done is kept whole or
    not at all.

    Args:
        path: The file.
        tables: `CREATE TABLE IF NOT EXISTS` of what it holds.

    Raises:
        sqlite3.Error: The file is no database, or stayed locked.
        OSError: Its folder cannot be made.
    """
    known = _kept().get(path)
    if known is None or (known.process, known.file) != (os.getpid(), _file(path)):
        known = _opened(path, tables)
    try:
        with known.base:
            yield known.base
    except BaseException:
        close(path)
        raise
    known.file = _file(path)


def close(path: Path) -> None:
    """Close this thread's connection to a file: before it is taken away, or left to others."""
    known = _kept().pop(path, None)
    if known is not None and known.process == os.getpid():
        known.base.close()


def remove(path: Path) -> None:
    """Take away the file at `path` and what SQLite keeps beside it."""
    close(path)
    for ending in ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _kept() -> dict[Path, _Open]:
    """This thread's connections, the one that was opened first at first."""
    if not hasattr(_mine, "kept"):
        _mine.kept = {}
    found: dict[Path, _Open] = _mine.kept
    return found


def _opened(path: Path, tables: Sequence[str]) -> _Open:
    close(path)
    while len(_kept()) >= _MOST_OPEN:
        close(next(iter(_kept())))
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        _to_wal(base)
        base.execute("PRAGMA synchronous = NORMAL")
        for table in tables:
            base.execute(table)
        base.commit()
    except BaseException:
        base.close()
        raise
    found = _kept()[path] = _Open(base, os.getpid(), _file(path))
    return found


def _to_wal(base: sqlite3.Connection) -> None:
    """SQLite itself does not wait for others who do the same to a new file."""
    patient_until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            base.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patient_until:
                raise
        time.sleep(_PAUSE_SECONDS)


def _file(path: Path) -> tuple[int, ...]:
    """What tells a file from another at its place, and from itself rewritten."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
