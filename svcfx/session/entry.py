"""A run as it is written into the journal while it goes on."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from svcfx.session.journal import Journal, Request, State
from svcfx.session.results import FileResult
from svcfx.session.turns import FileTask

WAITING = "waiting"


@dataclass
class RunEntry:
    """A run on its way: `number` is 0 for one that is new; `finished` are results that it has made, by
    their absolute paths."""

    journal: Journal
    request: Request
    number: int
    finished: frozenset[Path]

    @classmethod
    def of(cls, journal: Journal, request: Request) -> Self:
        """A run of `request`; one that was begun and is not over is gone on with."""
        return cls(journal, request, *journal.begun(request))

    @contextlib.contextmanager
    def running(self, tasks: Sequence[FileTask]) -> Iterator[Callable[[int, FileResult], None]]:
        """Write that the run is at work on these; gives what is to be told of each file that is done with."""
        self._begin()
        with self.journal.held(self.number):
            rows = [self._row(number, task) for number, task in enumerate(tasks)]
            self.journal.write_rows(self.number, rows)
            state: State = "stopped"
            try:
                yield self._done_with
                state = "failed" if self._failed else "done"
            finally:
                ended = "UPDATE runs SET state = ?, ended = ? WHERE run = ?"
                self.journal.write(ended, state, time.time(), self.number)

    def _begin(self) -> None:
        self._failed = False
        if self.number:
            self.journal.write("UPDATE runs SET state = 'running', ended = NULL WHERE run = ?", self.number)
            return
        made = "INSERT INTO runs (begun, state, request) VALUES (?, 'running', ?)"
        self.number = self.journal.write(made, time.time(), json.dumps(self.request))

    def _row(self, number: int, task: FileTask) -> tuple[Any, ...]:
        target = task.step.target
        was = "done" if target.absolute() in self.finished else "skipped"
        status = was if task.step.skipped else WAITING
        return self.number, number, task.source.label, os.fsencode(target.absolute()), status, 0.0, 0.0, ""

    def _done_with(self, number: int, file: FileResult) -> None:
        self._failed = self._failed or file.status == "failed"
        if file.status == "skipped":
            return
        error = "" if file.error is None else file.error.message
        changed = (
            "UPDATE files SET status = ?, audio_seconds = ?, work_seconds = ?, error = ? "
            "WHERE run = ? AND number = ?"
        )
        facts = (file.status, file.audio_seconds, file.work_seconds, error)
        self.journal.write(changed, *facts, self.number, number)
