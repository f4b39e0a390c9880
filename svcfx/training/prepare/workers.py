"""Work shared among processes, one thread each: the same results in the same order for any number of them."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from svcfx import parent
from svcfx.errors import AudioFileError, SvcfxError

Job = TypeVar("Job")
Made = TypeVar("Made")
OnShare = Callable[[float], None]


class ProcessPool:
    """Runs a function of a module over jobs."""

    def __init__(self, pool: ProcessPoolExecutor | None) -> None:
        self._pool = pool

    def each(
        self, function: Callable[[Job], Made], jobs: Sequence[Job], tell: OnShare
    ) -> list[Made | AudioFileError]:
        """Results in the jobs' order; a recording that cannot be read is its own result, and others go on.

        Args:
            tell: Called with the share that is done.

        Raises:
            OutputError: A result could not be written; those before it are.
        """
        calls = [(function, job) for job in jobs]
        running = self._pool.map(_attempt, calls) if self._pool else map(_attempt, calls)
        made: list[Made | AudioFileError] = []
        try:
            for result in running:
                made.append(result)
                tell(len(made) / len(jobs))
        except BrokenProcessPool as error:
            raise SvcfxError(
                "a worker process died; most often the memory was full",
                hint="Run it again with fewer `jobs`: what is done stays done.",
            ) from error
        return made


def usual() -> int:
    """One a core, at most 4: each holds the content encoder."""
    return min(os.cpu_count() or 1, 4)


def _attempt(call: tuple[Callable[[Job], Made], Job]) -> Made | AudioFileError:
    function, job = call
    try:
        return function(job)
    except AudioFileError as error:
        return error


@contextlib.contextmanager
def workers(count: int) -> Iterator[ProcessPool]:
    """As many processes, or none but this one for 1; they end with the block, also when it fails."""
    if count == 1:
        with _one_thread():
            yield ProcessPool(None)
        return
    # Started afresh: a process that is forked while torch's threads run can hang.
    pool, others = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin), parent.children()
    try:
        yield ProcessPool(pool)
    except BaseException:  # whoever stops does not wait for recordings that are begun
        for process in parent.children() - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    parent.follow()
    import torch

    torch.set_num_threads(1)  # sums in one order; and threads of many processes would fight


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
