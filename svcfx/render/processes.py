"""Many tasks in several processes, each of which keeps what it works with warm.

A worker that dies (killed, out of memory) takes nothing along: what was at work then is done again by itself,
at most twice, and then named. When the parent dies, its workers go too; Ctrl-C is the parent's alone.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from svcfx import cores, heap, parent
from svcfx.errors import Cancelled, SvcfxError
from svcfx.events import Events, Kept, OnProgress, Progress

Task = TypeVar("Task")
Result = TypeVar("Result")
Work = Callable[[Task, Events], Result]
"""What a worker does with a task; it crosses over to the worker once, so it pickles."""
OnShare = Callable[[int, float], None]
"""Told that the task of a number is done to that share, 0 to 1."""
TRIES = 3
"""How often a task is begun before it is named."""
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 2.0
"""How long workers may take to stop by themselves when a run is cancelled."""


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
        left, fruitless = dict(enumerate(tasks)), 0
        while left:
            suspects = yield from self._round(left, self.count, events, on_share)
            fruitless = 0 if suspects else fruitless + 1
            for number in sorted(suspects):
                yield from self._alone(number, left.pop(number), events, on_share)
            if fruitless == TRIES:  # workers die before they begin anything
                yield from ((number, died()) for number in left)
                return

    def _alone(self, number: int, task: Task, events: Events, on_share: OnShare) -> Iterator[tuple[int, Any]]:
        """A task during which a worker died, by itself, so that it takes no other along."""
        one = {number: task}
        for _ in range(TRIES - 1):
            yield from self._round(one, 1, events, on_share)
            if not one:
                return
        yield number, died()

    def _round(
        self, left: dict[int, Task], count: int, events: Events, on_share: OnShare
    ) -> Generator[tuple[int, Any], None, set[int]]:
        """Results until all of `left` are taken out of it, or a worker died: then those that were at work."""
        told, stop, others = self._context.SimpleQueue(), self._context.Event(), parent.children()
        threads = max(cores.count() // self.count, 1)
        pool = ProcessPoolExecutor(
            count, self._context, initializer=_begin, initargs=(self.work, told, stop, threads)
        )
        at_work: set[int] = set()
        try:
            waiting = {pool.submit(_do, number, task): number for number, task in left.items()}
            while waiting:
                done, _ = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
                _hear(told, at_work, on_share)
                if events.cancelled():
                    raise Cancelled("the work was cancelled")
                for future in done:
                    outcome, number = future.result(), waiting.pop(future)
                    at_work.discard(number)
                    del left[number]
                    yield number, outcome
        except BrokenProcessPool:
            _hear(told, at_work, on_share)
        finally:
            stop.set()
            _end(pool, others)
        return at_work & left.keys()


def overall(stage: str, names: Sequence[str], on_progress: OnProgress) -> OnShare:
    """Who is told of each task by its number, and says how far they are together; each counts the same."""
    shares = [0.0] * len(names)

    def tell(number: int, share: float) -> None:
        shares[number] = share
        on_progress(Progress(stage, names[number], sum(shares) / len(shares), share))

    return tell


def died() -> SvcfxError:
    """What is said of a task over which workers die."""
    return SvcfxError(f"a worker died {TRIES} times over this", hint="memory may be short; give fewer `jobs`")


def keep_to(threads: int) -> None:
    """Use so many cores in this process; torch too, where it is loaded."""
    cores.keep_to(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def outcome(work: Work[Task, Result], task: Task, events: Events) -> Result | SvcfxError | None:
    """One task's result, or the error that a person can act on; None where `events` asked to stop."""
    try:
        return work(task, events)
    except Cancelled:
        return None
    except SvcfxError as error:
        return error


def _hear(told: Any, at_work: set[int], on_share: OnShare) -> None:
    """Take what workers told: that one begins a task, or how far it is."""
    while not told.empty():
        number, share = told.get()
        if share is None:
            at_work.add(number)
        else:
            on_share(number, share)


def _end(pool: ProcessPoolExecutor, others: set[Any]) -> None:
    """Let workers finish what they stop at, then make them go."""
    workers = parent.children() - others
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
    """In a new worker: keep the work at hand, and go with the parent."""
    parent.follow()
    heap.keep()
    keep_to(threads)
    _mine.update(work=work, told=told, stop=stop)


def _do(number: int, task: Any) -> Any:
    _mine["told"].put((number, None))
    heard = Kept(lambda at: _mine["told"].put((number, at.done_fraction)), _mine["stop"].is_set)
    return outcome(_mine["work"], task, heard)
