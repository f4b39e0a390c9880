"""The steps of one render: each is made, or found in the store, and counted."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from svcfx.events import Events, never
from svcfx.keeping import Arrays
from svcfx.render import keys
from svcfx.render.store import Entry, Store

HEARING = ("pitch", "content", "heard")
"""Kinds of parts that say what was sung, whoever sings it next."""


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work: its kind ("voice", "strip"), whose it is, and the key of all that it depends on.

    Without a key it is made each time.
    """

    kind: str
    label: str
    key: str


_counting = threading.Lock()
_timed = threading.local()


def _around() -> list[float]:
    """What parts within those that this thread is at work on took so far, the innermost last."""
    if not hasattr(_timed, "parts"):
        _timed.parts = []
    found: list[float] = _timed.parts
    return found


@dataclass(slots=True)
class Steps:
    """What a render looked for in its store, and what of it was there. Without a store all is made, but what
    is heard of one recording by several strips, which `heard` keeps while they play. `seconds` says what
    parts that were made took, by kind; what a part within one took counts as its own."""

    store: Store | None = None
    heard: Store | None = None
    found: list[Step] = field(default_factory=list)
    made: list[Step] = field(default_factory=list)
    parts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    _fresh: dict[str, None] = field(default_factory=dict)
    _at_work: dict[str, threading.RLock] = field(default_factory=dict)

    def beside(self) -> "Steps":
        """These steps for a thread at work beside: what its parts take is nobody's wait."""
        return replace(self, seconds={})

    def settle(self) -> None:
        """Return when all that was made is kept, or known not to be."""
        if self.store is not None:
            self.store.settle()

    @property
    def keeps(self) -> bool:
        """Whether there is a store."""
        return self.store is not None

    def holds(self, key: str) -> bool:
        """Whether the store has a key."""
        return self.store is not None and bool(key) and self.store.holds(key)

    def ahead(self, key: str) -> None:
        """Have the store make ready what it has of a key."""
        if self.store is not None and key:
            self.store.ahead(key)

    def get(self, step: Step, events: Events) -> Entry | None:
        """What the store has of a step; what the step said is said again."""
        entry = self.store.get(step.key) if self.store is not None and step.key else None
        if entry is not None:
            self.found.append(step)
            for note in entry.notes:
                events.note(note)
        return entry

    def put(self, step: Step, entry: Entry) -> None:
        """Take what a step made."""
        self.made.append(step)
        if self.store is not None and step.key:
            self.store.put(step.key, entry)

    def kept(
        self, step: Step, make: Callable[[], Entry], events: Events, changed: Callable[[], bool] = never
    ) -> Entry:
        """What a step gives: found, or made now and kept, unless `changed` says then that it was made of
        something else than its key says."""
        found = self.get(step, events)
        if found is not None:
            return found
        made = make()
        for note in made.notes:
            events.note(note)
        self.put(replace(step, key="") if changed() else step, made)
        return made

    def part(self, kind: str, version: int, facts: tuple[Any, ...], make: Callable[[], Arrays]) -> Arrays:
        """What a part of a step gives, such as what is sung of one phrase: as `svcfx.keeping.Keeper`. Of two
        threads that ask for one at once, the other waits for what the first makes.

        `parts` counts them by kind, and whether they were there.
        """
        store = self.store if self.store is not None or kind not in HEARING else self.heard
        if store is None:
            return self._timed(kind, make)
        key = keys.key(kind, version, *facts)
        with self._alone(key):
            found = store.get(key)
            with _counting:
                self.parts[kind, found is not None] += 1
            if found is not None:
                return found.arrays
            made = self._timed(kind, make)
            store.put(key, Entry(made))
        return made

    @contextlib.contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """No other thread is at work on the part of a key in here."""
        with _counting:
            lock = self._at_work.setdefault(key, threading.RLock())
        try:
            with lock:
                yield
        finally:
            with _counting:
                self._at_work.pop(key, None)

    def _timed(self, kind: str, make: Callable[[], Arrays]) -> Arrays:
        """What `make` gives, and what it took beside the parts within it."""
        began, around = time.monotonic(), _around()
        around.append(0.0)
        try:
            return make()
        finally:
            took, within = time.monotonic() - began, around.pop()
            with _counting:
                self.seconds[kind] = self.seconds.get(kind, 0.0) + took - within
            if around:
                around[-1] += took

    def always_fresh(self, why: str) -> None:
        """Take that some steps are never kept, and why."""
        self._fresh[why] = None

    @property
    def fresh(self) -> tuple[str, ...]:
        """Why some steps are never kept, each reason once."""
        return tuple(self._fresh)

    @property
    def reused(self) -> tuple[int, int]:
        """How many steps and parts of steps were there, and of how many; (0, 0) without a store."""
        if self.store is None:
            return 0, 0
        there = sum(count for (_, was_there), count in self.parts.items() if was_there)
        every = len(self.found) + len(self.made) + self.parts.total()
        return len(self.found) + there, every

    def summary(self) -> str:
        """How much was there already, in words; "" where nothing was looked for."""
        there, every = len(self.found), len(self.found) + len(self.made)
        if self.store is None or not every:
            return ""
        return f"{there} of {every} steps were there already"
