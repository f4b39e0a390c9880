"""Many tasks in several processes, each of which keeps what it works with warm.

A worker that dies (killed, out of memory) takes nothing along: its tasks are done again, at most twice, and
then named. When the parent dies, its workers go too; Ctrl-C is the parent's alone.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.connection import wait as ended
from typing import Any, Generic, TypeVar

from svcfx.errors import Cancelled, SvcfxError
from svcfx.events import Events, Kept

Task = TypeVar("Task")
Result = TypeVar("Result")
Work = Callable[[Task, Events], Result]
"""What a worker does with a task; it crosses over to the worker once, so it pickles."""
OnShare = Callable[[int, float], None]
"""Told that the task of a number is done to that share, 0 to 1."""
TRIES = 3
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 10.0
"""How long workers may take to stop by themselves when a run is cancelled."""


def cores() -> int:
    """Cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


@dataclass
class Workers(Generic[Task, Result]):
    """`count` processes that do `work`; together they use the machine's cores once."""

    work: Work[Task, Result]
    count: int
    _context: Any = field(default_factory=lambda: multiprocessing.get_context("spawn"))

    def run(self, tasks: Sequence[Task], events: Events, on_share: OnShare) -> Iterator[tuple[int, Any]]:
        """The number of each task and its result, or the `SvcfxError` it ended with, as they come.

        Raises:
            Cancelled: `events` asked to stop; the workers are gone then.
        """
        left, tries = dict(enumerate(tasks)), dict.fromkeys(range(len(tasks)), 0)
        while left:
            for number in left:
                tries[number] += 1
            for number, outcome in self._round(left, events, on_share):
                del left[number]
                yield number, outcome
            for number in [number for number in left if tries[number] == TRIES]:
                del left[number]
                yield (
                    number,
                    SvcfxError(
                        f"a worker died {TRIES} times over this",
                        hint="memory may be short; give fewer --jobs",
                    ),
                )

    def _round(self, tasks: dict[int, Task], events: Events, on_share: OnShare) -> Iterator[tuple[int, Any]]:
        """Results until all tasks are done, or a worker died."""
        told, stop = self._context.SimpleQueue(), self._context.Event()
        threads, others = max(cores() // self.count, 1), set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(
            self.count, self._context, initializer=_begin, initargs=(self.work, told, stop, threads)
        )
        try:
            waiting = {pool.submit(_do, number, task): number for number, task in tasks.items()}
            while waiting:
                done, _ = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
                while not told.empty():
                    on_share(*told.get())
                if events.cancelled():
                    raise Cancelled("the work was cancelled")
                yield from _outcomes(done, waiting)
        except BrokenProcessPool:
            return
        finally:
            stop.set()
            _end(pool, others)


def _outcomes(done: set[Future[Any]], waiting: dict[Future[Any], int]) -> Iterator[tuple[int, Any]]:
    for future in done:
        outcome = future.result()
        yield waiting.pop(future), outcome


def _end(pool: ProcessPoolExecutor, others: set[Any]) -> None:
    """Let workers finish what they stop at, then make them go."""
    workers = set(multiprocessing.active_children()) - others
    pool.shutdown(wait=False, cancel_futures=True)
    patient_until = time.monotonic() + _PATIENCE_SECONDS
    for process in workers:
        process.join(max(patient_until - time.monotonic(), 0.0))
        if process.is_alive():
            process.kill()
            process.join()


_mine: dict[str, Any] = {}
"""What this worker was begun with."""


def _begin(work: Work[Any, Any], told: Any, stop: Any, threads: int) -> None:
    """In a new worker: keep the work at hand, leave Ctrl-C to the parent, and go when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with_parent, daemon=True).start()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    _mine.update(work=work, told=told, stop=stop)


def _go_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        ended([parent.sentinel])
        os._exit(1)


def _do(number: int, task: Any) -> Any:
    """One task's result, or the error that a person can act on."""
    heard = Kept(lambda at: _mine["told"].put((number, at.done_fraction)), _mine["stop"].is_set)
    try:
        return _mine["work"](task, heard)
    except Cancelled:
        return None
    except SvcfxError as error:
        return error
