"""A store on disk that many processes share: one file an entry, and an index that may always be lost.

An entry's file is written beside its place and renamed, so it is there whole or not at all; a file that is
not what the index says is no entry. The store never fails a render: full disks, read-only folders and
damaged files become a sentence of `trouble`.
"""

import contextlib
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from svcfx.digest import State
from svcfx.errors import OutputError
from svcfx.render import packed
from svcfx.render.behind import Behind
from svcfx.render.entries import Ended, Entries
from svcfx.render.index import Index, Row
from svcfx.render.store import Entry

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

DEFAULT_BYTES = 10 * 10**9
SHARE_OF_FREE = 0.1
COPIED_BYTES = 2 * 10**6
"""Of an array that shows a part of what others may write to: a larger one is waited for until it is kept."""
LEAST_FREE = 64 * 10**6
"""Bytes of a disk that are left free for others."""
_KEY = re.compile(r"^[0-9a-f]{64}$")
_CORRUPT = ("malformed", "not a database", "no such column", "no such table")


@dataclass(frozen=True, slots=True)
class Facts:
    """What lies in a store: how many entries, their bytes, how many it may hold, and where."""

    folder: Path
    entries: int
    size: int
    most: int


class Files:
    """Entries below `folder`, at most `most_bytes` of them; those least recently used go first.

    Args:
        folder: Where they lie; made when the first one is kept.
        most_bytes: None for 10 GB, or a tenth of what is free there when that is less.
    """

    def __init__(self, folder: Path, most_bytes: int | None = None) -> None:
        self.folder = folder
        self.most = _usual_bytes(folder) if most_bytes is None else most_bytes
        self._index = Index(folder)
        self._entries, self._behind = Entries(folder), Behind(self._keep)
        self._used: dict[str, None] = {}
        self._said: dict[str, None] = {}
        self._reader: ThreadPoolExecutor | None = None
        self._coming: dict[str, Future[Entry | None]] = {}

    def get(self, key: str) -> Entry | None:
        """The entry of a key, or None; a damaged one is dropped."""
        coming = self._coming.pop(key, None)
        return coming.result() if coming is not None else self._found(key)

    def ahead(self, key: str) -> None:
        """Begin to read the entry of a key, for which `get` then waits."""
        from concurrent.futures import ThreadPoolExecutor  # here: where nothing is rendered, nothing is read

        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, "cache")
        self._coming[key] = self._reader.submit(self._found, key)

    def hash_of(self, state: State) -> str:
        """The hash of a file in a state, "" where it is not known: as `digest.Book`."""
        with self._guarded():
            return self._index.hash_of(state)
        return ""

    def note_hash(self, state: State, sha256: str) -> None:
        """Remember the hash of a file."""
        with self._guarded():
            self._index.note_hash(state, sha256)

    def _found(self, key: str) -> Entry | None:
        if (waiting := self._behind.waiting(key)) is not None:
            return waiting
        with self._guarded():
            known = self._index.find(key) if _KEY.match(key) else None
            found = self._opened(known) if known is not None else None
            if found is not None:
                self._used[key] = None
            return found
        return None

    def holds(self, key: str) -> bool:
        """Whether there is an entry of a key; it is not looked at."""
        if self._behind.waiting(key) is not None:
            return True
        with self._guarded():
            return self._index.find(key) is not None
        return False

    def put(self, key: str, entry: Entry) -> None:
        """As `Store`, behind what goes on; others go where it needs their room."""
        if _KEY.match(key) and entry.size <= self.most:
            arrays = {
                name: array if _frozen(array) or array.nbytes > COPIED_BYTES else np.array(array)
                for name, array in entry.arrays.items()
            }
            frozen = [_frozen(array) for array in arrays.values()]
            self._behind.give(key, Entry(arrays, dict(entry.facts), entry.notes))
            if not all(frozen):
                self._behind.settle()

    def settle(self) -> None:
        """As `Store`."""
        self._behind.settle()
        with self._guarded():
            self._touch()

    def trouble(self) -> tuple[str, ...]:
        """What went wrong so far, a sentence each, once."""
        return tuple(self._said)

    def facts(self) -> Facts:
        """What lies there."""
        self.settle()
        rows: list[Row] = []
        with self._guarded():
            rows = self._index.rows()
        return Facts(self.folder, len(rows), sum(size for _, size, _ in rows), self.most)

    def clear(self) -> Facts:
        """Let everything go; says what there was."""
        before = self.facts()
        with self._guarded():
            self._index.clear()
            self._entries.clear()
        return before

    def verify(self) -> int:
        """Read every entry; drop what is damaged, which `trouble` names, and files that belong to nobody.
        Hashes of other files are forgotten.

        Returns how many entries are whole.
        """
        self.settle()
        whole = 0
        with self._guarded():
            rows = self._index.rows()
            whole = sum(self._opened(row) is not None for row in rows)
            self._entries.sweep({key for key, _, _ in rows})
            self._index.forget_hashes()
        return whole

    def __reduce__(self) -> tuple[type["Files"], tuple[Path, int]]:
        return Files, (self.folder, self.most)  # another process has threads and connections of its own

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """What goes wrong inside becomes a sentence, and the store goes on without it."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._say(f"the cache in '{self.folder}' could not be used: {error}")
            if any(word in str(error) for word in _CORRUPT):
                with contextlib.suppress(OSError):
                    self._index.begin_again()
                    self._entries.clear()
        except OutputError as error:
            self._say(f"a step was not kept in the cache: {error.message}")
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self._say(f"the cache in '{self.folder}' could not be used: {reason.lower()}")

    def _say(self, sentence: str) -> None:
        self._said[sentence] = None

    def _opened(self, row: Row) -> Entry | None:
        """The entry of a row; None when its file is gone or is not what was kept, and both are dropped."""
        key = row[0]
        try:
            return self._entries.read(row)
        except FileNotFoundError:
            self._drop(key)
        except (packed.Unreadable, MemoryError) as error:
            self._drop(key)
            self._say(f"step {key[:12]} in the cache was damaged ({error}) and is made again")
        return None

    def _keep(self, entries: Mapping[str, Entry]) -> None:
        """Write entries, each beside its place, and then take them all into the index."""
        rows, known = list[Row](), set[str]()
        with self._guarded():
            self._touch()
            known = {key for key in self._index.known(entries) if self._entries.place(key).is_file()}
        for key, entry in entries.items():
            if key not in known:
                with self._guarded(), contextlib.suppress(Ended):
                    self._make_room(entry.size)
                    rows.append(self._entries.write(key, entry, lambda: self._behind.has_ended))
        with self._guarded():
            for key in self._index.keep(rows, self.most) if rows else ():
                self._entries.drop(key)

    def _touch(self) -> None:
        """Take down what was used."""
        if used := list(self._used):
            self._index.touch(used)
        for key in used:
            self._used.pop(key, None)

    def _make_room(self, wanted: int) -> None:
        """Let go what has not been used for longest, until `wanted` bytes fit on the disk.

        Raises:
            OutputError: The disk is full of other things.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        over = wanted - (shutil.disk_usage(self.folder).free - LEAST_FREE)
        while over > 0 and (oldest := self._index.rows(1)):
            [(key, size, _)] = oldest
            self._drop(key)
            over -= size
        if over > 0:
            raise OutputError(f"the disk of '{self.folder}' is full")

    def _drop(self, key: str) -> None:
        self._index.drop(key)
        self._entries.drop(key)


def _frozen(array: NDArray[Any]) -> bool:
    """Have an array only read from now on; False where it shows a part of what others may write to."""
    shown = [array]
    while isinstance(shown[-1].base, np.ndarray):
        shown.append(shown[-1].base)
    if any(one.flags.writeable and one.nbytes > array.nbytes for one in shown):
        return False
    for one in shown:
        one.setflags(write=False)
    return True


def _usual_bytes(folder: Path) -> int:
    """10 GB, or a tenth of what is free on the disk of `folder` when that is less."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return min(DEFAULT_BYTES, int(shutil.disk_usage(there).free * SHARE_OF_FREE))
    except OSError:
        return DEFAULT_BYTES
