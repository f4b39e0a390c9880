"""The index of a store on disk: size, checksum and last use of each entry, and hashes of files, in SQLite.

Many processes share it. Last use is a count, not a time, so that a clock that is set back changes
nothing. An index that is damaged is begun again.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from svcfx.digest import State
from svcfx.render import database

NAME = "index.sqlite"
_TABLES = (
    """CREATE TABLE IF NOT EXISTS steps (
        key TEXT PRIMARY KEY, size INTEGER NOT NULL, checksum TEXT NOT NULL, used INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS steps_used ON steps (used)",
    """CREATE TABLE IF NOT EXISTS total (only_one INTEGER PRIMARY KEY CHECK (only_one = 0), size INTEGER)""",
    """CREATE TRIGGER IF NOT EXISTS steps_came AFTER INSERT ON steps BEGIN
        UPDATE total SET size = size + new.size; END""",
    """CREATE TRIGGER IF NOT EXISTS steps_went AFTER DELETE ON steps BEGIN
        UPDATE total SET size = size - old.size; END""",
    """INSERT OR IGNORE INTO total
        SELECT 0, coalesce(sum(size), 0) FROM steps WHERE NOT EXISTS (SELECT 1 FROM total)""",
    """CREATE TABLE IF NOT EXISTS files (
        number INTEGER PRIMARY KEY, state TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL
    )""",
)
"""Last use and the sum of sizes are found without going through all rows."""
MOST_FILES = 10_000
"""Files whose hashes are remembered, the last ones."""
_NEXT = "(SELECT coalesce(max(used), 0) + 1 FROM steps)"

Row = tuple[str, int, str]
"""Key, size in bytes, checksum in hexadecimal."""


class Index:
    """What is known of the entries below `folder`; every call may raise `sqlite3.Error` or `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def find(self, key: str) -> Row | None:
        """The row of a key."""
        if not self._path.is_file():
            return None
        with self._base() as base:
            found = base.execute("SELECT key, size, checksum FROM steps WHERE key = ?", (key,)).fetchone()
        return None if found is None else (str(found[0]), int(found[1]), str(found[2]))

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that have a row."""
        if not self._path.is_file():
            return set()
        asked = "SELECT 1 FROM steps WHERE key = ?"
        with self._base() as base:
            return {key for key in keys if base.execute(asked, (key,)).fetchone()}

    def keep(self, rows: Iterable[Row], most: int) -> list[str]:
        """Take rows in, used just now, the last one last; the keys of those that had to go then, so that all
        together are of `most` bytes."""
        with self._base() as base:
            base.execute("BEGIN IMMEDIATE")
            for row in rows:
                base.execute("DELETE FROM steps WHERE key = ?", row[:1])
                base.execute(f"INSERT INTO steps VALUES (?, ?, ?, {_NEXT})", row)
            gone = _over(base, most)
            base.executemany("DELETE FROM steps WHERE key = ?", [(key,) for key in gone])
        return gone

    def touch(self, keys: Iterable[str]) -> None:
        """Say that these were used just now, the last one last."""
        with self._base() as base:
            base.executemany(f"UPDATE steps SET used = {_NEXT} WHERE key = ?", [(key,) for key in keys])

    def drop(self, key: str) -> None:
        """Forget a key."""
        with self._base() as base:
            base.execute("DELETE FROM steps WHERE key = ?", (key,))

    def rows(self, most: int = -1) -> list[Row]:
        """Rows, the least recently used first; all, or at most that many."""
        if not self._path.is_file():
            return []
        with self._base() as base:
            asked = "SELECT key, size, checksum FROM steps ORDER BY used LIMIT ?"
            found = base.execute(asked, (most,)).fetchall()
        return [(str(key), int(size), str(checksum)) for key, size, checksum in found]

    def size(self) -> int:
        """Bytes of all entries together."""
        if not self._path.is_file():
            return 0
        with self._base() as base:
            return int(base.execute("SELECT size FROM total").fetchone()[0])

    def clear(self) -> None:
        """Forget everything."""
        if self._path.is_file():
            with self._base() as base:
                base.execute("DELETE FROM steps")
                base.execute("DELETE FROM files")

    def hash_of(self, state: State) -> str:
        """The hash of a file in a state; "" where it is not known."""
        if not self._path.is_file():
            return ""
        with self._base() as base:
            found = base.execute("SELECT sha256 FROM files WHERE state = ?", (repr(state),)).fetchone()
        return str(found[0]) if found else ""

    def note_hash(self, state: State, sha256: str) -> None:
        """Remember the hash of a file in a state."""
        with self._base() as base:
            base.execute("INSERT OR REPLACE INTO files (state, sha256) VALUES (?, ?)", (repr(state), sha256))
            base.execute(
                "DELETE FROM files WHERE number <= (SELECT max(number) FROM files) - ?", (MOST_FILES,)
            )

    def forget_hashes(self) -> None:
        """Have every file read again."""
        if self._path.is_file():
            with self._base() as base:
                base.execute("DELETE FROM files")

    def begin_again(self) -> None:
        """Take the file away: it is no database, or no more."""
        database.remove(self._path)

    def _base(self) -> AbstractContextManager[sqlite3.Connection]:
        return database.transaction(self._path, _TABLES)


def _over(base: sqlite3.Connection, most: int) -> list[str]:
    """The keys that were not used for longest, as many as are too many for `most` bytes."""
    (held,), gone = base.execute("SELECT size FROM total").fetchone(), list[str]()
    for key, size in base.execute("SELECT key, size FROM steps ORDER BY used") if held > most else ():
        if held <= most:
            break
        gone.append(str(key))
        held -= size
    return gone
