"""The files of a run, one after the other or by several processes, and how far the run is."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from svcfx import audio
from svcfx.errors import AudioFileError, SvcfxError
from svcfx.events import Events, Kept, OnProgress, Progress
from svcfx.session.outputs import Planned
from svcfx.session.results import FileResult
from svcfx.session.sources import Source


class FileTask(NamedTuple):
    """One file of a run: where its result goes, which of the run's effects it goes through, the hash of the
    file as it was looked at, and the key of its result; "" where nobody knows one."""

    source: Source
    step: Planned
    effect: int = 0
    sha256: str = ""
    key: str = ""


Work = Callable[[FileTask, Events], FileResult]
OnFile = Callable[[int, FileResult], None]
"""Told of each file that is done with, as it comes, by its number."""


class Place:
    """How far a run is: each file counts as its seconds of audio."""

    def __init__(self, stage: str, tasks: Sequence[FileTask], on_progress: OnProgress) -> None:
        self._stage, self._on_progress = stage, on_progress
        self._labels = [task.source.label for task in tasks]
        self._weights = [0.0 if task.step.skipped else _seconds(task.step) for task in tasks]
        self._shares = [0.0] * len(tasks)
        self._done, self._total = 0.0, max(sum(self._weights), 1e-9)

    def within(self, number: int, at: Progress) -> None:
        """File `number` is as far as `at` says."""
        self.tell(number, at.done_fraction)

    def tell(self, number: int, share: float) -> None:
        """File `number` is done to that share."""
        self._done += (share - self._shares[number]) * self._weights[number]
        self._shares[number] = share
        done = min(self._done / self._total, 1.0)
        told = Progress(self._stage, self._labels[number], done, share, self._weights[number])
        self._on_progress(told)


class Crew(Protocol):
    """Several that share tasks, each of whom knows the work already."""

    def run(
        self, tasks: Sequence[FileTask], events: Events, on_share: Callable[[int, float], None]
    ) -> Iterator[tuple[int, Any]]:
        """As `processes.Workers.run`."""
        ...


def take(
    work: Work, workers: Crew | None, tasks: Sequence[FileTask], at: Place, events: Events, on_file: OnFile
) -> list[FileResult]:
    """What became of each file, in order; `workers`, if there are any, take them as they come."""
    files: dict[int, FileResult] = {}
    made = _shared(workers, tasks, at, events) if workers else _in_order(work, tasks, at, events.cancelled)
    for number, file in made:
        files[number] = file
        on_file(number, file)
    return [files[number] for number in sorted(files)]


def failed(task: FileTask, error: SvcfxError) -> FileResult:
    """A file that failed, and why, with its name."""
    source, step = task.source, task.step
    if source.path.name not in error.message:
        error.args = (f"'{source.label}': {error.message}",)
    return FileResult(source.label, step.source, step.target, "failed", error=error)


def _in_order(
    work: Work, tasks: Sequence[FileTask], at: Place, is_cancelled: Callable[[], bool]
) -> Iterator[tuple[int, FileResult]]:
    for number, task in enumerate(tasks):
        at.tell(number, 0.0)
        yield number, work(task, Kept(partial(at.within, number), is_cancelled))
        at.tell(number, 1.0)


def _shared(
    workers: Crew, tasks: Sequence[FileTask], at: Place, events: Events
) -> Iterator[tuple[int, FileResult]]:
    for number, outcome in workers.run(tasks, events, at.tell):
        yield number, failed(tasks[number], outcome) if isinstance(outcome, SvcfxError) else outcome
        at.tell(number, 1.0)


def _seconds(step: Planned) -> float:
    """How much work a file is, for the time left; a broken one is none."""
    try:
        info = audio.probe(step.source)
    except AudioFileError:
        return 0.0
    return info.seconds
