"""Entries on their way to the disk: a thread keeps them behind the render that made them."""

import atexit
import os
import threading
from collections.abc import Callable, Mapping
from itertools import islice

from svcfx.render.store import Entry

MOST_BYTES = 64 * 2**20
"""Of arrays that wait; an entry that is larger waits alone."""
MOST_AT_ONCE = 64
_LAST_SECONDS = 1.0
_IDLE_SECONDS = 2.0
"""After which the thread goes; it comes again when it is needed."""


class Behind:
    """Gives entries to `keep`, in their order, those that wait together at once.

    What waits when Python ends has a second more; then it is let go, and `has_ended` says so to a `keep` that
    is at work. A process that was forked begins with nothing that waits.
    """

    def __init__(self, keep: Callable[[Mapping[str, Entry]], None]) -> None:
        self._keep = keep
        self._begin()

    def _begin(self) -> None:
        self._process, self.has_ended = os.getpid(), False
        self._changed = threading.Condition()
        self._waiting: dict[str, Entry] = {}
        self._thread: threading.Thread | None = None
        self._failed: Exception | None = None

    def give(self, key: str, entry: Entry) -> None:
        """Have an entry kept; waits while too much waits before it."""
        with self._here():
            self._changed.wait_for(lambda: self._has_room_for(entry))
            self._waiting[key] = entry
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="cache", daemon=True)
                self._thread.start()
                atexit.register(self._end)
            self._changed.notify_all()

    def waiting(self, key: str) -> Entry | None:
        """The entry of a key that is not kept yet."""
        with self._here():
            return self._waiting.get(key)

    def settle(self) -> None:
        """Return when nothing waits; raises what `keep` raised."""
        with self._here():
            self._changed.wait_for(lambda: not self._waiting)
            failed, self._failed = self._failed, None
        if failed is not None:
            raise failed

    def _here(self) -> threading.Condition:
        if self._process != os.getpid():
            self._begin()
        return self._changed

    def _has_room_for(self, entry: Entry) -> bool:
        before = sum(waiting.size for waiting in self._waiting.values())
        return not before or before + entry.size <= MOST_BYTES

    def _work(self) -> None:
        while entries := self._next():
            failed = None
            try:
                self._keep(entries)
            except Exception as error:  # a mistake of ours: `settle` raises it where somebody sees it
                failed = error
            with self._changed:
                self._failed = self._failed or failed
                for key in entries:
                    self._waiting.pop(key, None)
                self._changed.notify_all()

    def _next(self) -> dict[str, Entry]:
        """What is to be kept now; nothing when the thread is to go."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.has_ended, _IDLE_SECONDS)
            if not self._waiting or self.has_ended:
                self._thread = None
                return {}
            return dict(islice(self._waiting.items(), MOST_AT_ONCE))

    def _end(self) -> None:
        """Python ends: leave nothing half done, whoever gave it up in the middle of a large entry."""
        if self._process != os.getpid():
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, _LAST_SECONDS)
            self.has_ended, thread = True, self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join()
