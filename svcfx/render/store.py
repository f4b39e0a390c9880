"""What steps left behind, by the key of the step: the protocol of a store, and one in memory."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from svcfx.events import Note

Arrays = Mapping[str, NDArray[Any]]
KINDS = "biuf"
"""Kinds of numbers that are kept (`numpy.dtype.kind`): objects and texts are not."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What a step left: arrays by name, facts as JSON knows them, and the notes that it gave.

    Whoever takes an entry from a store only reads its arrays.
    """

    arrays: Arrays = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return sum(array.nbytes for array in self.arrays.values())


class Store(Protocol):
    """Keeps entries. It never fails: what it cannot keep or read is not there, and `trouble` says why."""

    def get(self, key: str) -> Entry | None:
        """The entry of a key, or None."""
        ...

    def holds(self, key: str) -> bool:
        """Whether `get` would most likely find it; nothing is read."""
        ...

    def ahead(self, key: str) -> None:
        """Make ready for `get`, which is asked for that key soon."""
        ...

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry, now or behind what goes on; whoever gives it only reads its arrays from then on.

        Another under that key is as good, for a key says all that an entry depends on.
        """
        ...

    def settle(self) -> None:
        """Return when all that was put is kept, or known not to be."""
        ...

    def trouble(self) -> tuple[str, ...]:
        """What went wrong so far, a sentence each, once."""
        ...


class Memory:
    """A store for one process: entries of at most `most_bytes` together, the least recently used go first."""

    def __init__(self, most_bytes: int = 1 << 30) -> None:
        self._most = most_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Entry | None:
        """The entry of a key, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def holds(self, key: str) -> bool:
        """Whether it is there."""
        return key in self._entries

    def ahead(self, key: str) -> None:
        """It is ready."""

    def put(self, key: str, entry: Entry) -> None:
        """Keep a copy of an entry that nobody can write to."""
        arrays = {name: _frozen(array) for name, array in entry.arrays.items()}
        with self._lock:
            self._entries[key] = Entry(arrays, dict(entry.facts), entry.notes)
            self._entries.move_to_end(key)
            while len(self._entries) > 1 and self.size > self._most:
                self._entries.popitem(last=False)

    def settle(self) -> None:
        """It is kept."""

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return sum(entry.size for entry in self._entries.values())

    def trouble(self) -> tuple[str, ...]:
        """Nothing: memory has none."""
        return ()

    def __len__(self) -> int:
        return len(self._entries)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    copy = np.array(array)
    copy.setflags(write=False)
    return copy
