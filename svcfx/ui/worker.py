"""What the page asks for and waits for, one after the other: each is watched, and can be stopped."""

import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from svcfx.errors import Cancelled, SvcfxError
from svcfx.ui.speech import spoken

State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(slots=True, kw_only=True)
class Work:
    """How far a piece of work is. Whoever does it asks `asked_to_stop` now and then."""

    number: int
    state: State = "queued"
    stage: str = ""
    done_fraction: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    error: str = ""
    hint: str = ""
    asked_to_stop: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held by whoever has what waits begin, or has it cancelled."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def work_seconds(self) -> float:
        """How long it has worked."""
        return (self.ended or time.monotonic()) - self.began if self.began else 0.0

    @property
    def seconds_left(self) -> float | None:
        """A guess from what is done; None while nothing can be said."""
        if self.state != "running" or self.done_fraction < 0.02:
            return None
        return self.work_seconds * (1.0 - self.done_fraction) / self.done_fraction

    def cancel(self) -> None:
        """Ask it to stop; one that is over stays as it is."""
        with self._turn:
            self.asked_to_stop.set()
            if self.state == "queued":
                self.state = "cancelled"

    def go_on(self) -> None:
        """Return, unless it was asked to stop; raises `Cancelled`."""
        if self.asked_to_stop.is_set():
            raise Cancelled("the work was cancelled")

    def run(self, do: Callable[[], None]) -> None:
        """Do it, unless it was cancelled while it waited, and take what came of it: all of that is there
        before its state says so."""
        with self._turn:
            if self.state != "queued":
                return
            self.began = time.monotonic()
            self.state = "running"
        state: State = "failed"
        try:
            do()
            state = "done"
        except Cancelled:
            state = "cancelled"
        except SvcfxError as error:
            self.error, self.hint = spoken(error.message), spoken(error.hint)
        except Exception as error:  # a bug: the studio goes on, the traceback goes to the terminal
            traceback.print_exc(file=sys.stderr)
            self.error = f"unexpected {type(error).__name__}: {error}"
            self.hint = "the terminal that runs the studio has the details"
        self.ended = time.monotonic()
        self.state = state


class WorkThread:
    """The one thread that works: a machine has one graphics card, or few processors."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Work, Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="studio-worker", daemon=True)
        self._thread.start()

    def ask(self, work: Work, do: Callable[[], None]) -> None:
        """Have `work` done by `do` when it is its turn, unless it is cancelled by then."""
        self._waiting.put((work, do))

    def close(self) -> None:
        """Take no more, and wait for what runs, which was asked to stop."""
        self._waiting.put(None)
        self._thread.join(timeout=30)

    def _work(self) -> None:
        while (given := self._waiting.get()) is not None:
            work, do = given
            work.run(do)
