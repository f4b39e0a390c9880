"""What a batch was asked for and what became of each file, in a database beside its results.

The journal says what to go on with; whether a result is there is never taken from it alone, but from the
result and its recipe. It never fails a batch: what cannot be written becomes `trouble`.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from svcfx.errors import InputError
from svcfx.render import database, locks

FOLDER = ".svcfx"
NAME = "jobs.sqlite"
State = Literal["running", "done", "failed", "stopped", "interrupted"]
"""Some files failed; it was stopped by Ctrl-C or an error; its process is gone without a word."""
STATES: tuple[str, ...] = get_args(State)
Request = Mapping[str, Any]
"""What a run was asked for, as plain values."""
_TABLES = (
    """CREATE TABLE IF NOT EXISTS runs (
        run INTEGER PRIMARY KEY, begun REAL NOT NULL, ended REAL, state TEXT NOT NULL, request TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS files (
        run INTEGER NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, output BLOB NOT NULL,
        status TEXT NOT NULL, audio_seconds REAL NOT NULL, work_seconds REAL NOT NULL, error TEXT NOT NULL,
        PRIMARY KEY (run, number)
    ) WITHOUT ROWID""",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `counts` are its files by status; times are seconds since 1970, `ended` None while it runs."""

    number: int
    begun: float
    ended: float | None
    state: State
    request: Request
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to go on with."""
        return self.state in ("running", "done")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a run."""

    file: str
    output: Path
    status: str
    audio_seconds: float
    work_seconds: float
    error: str


class Journal:
    """The runs whose results lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._path = self._folder / NAME
        self.trouble = ""

    def runs(self) -> list[Run]:
        """All runs, the first one first; raises as `run` does when the file is no journal."""
        if not self._path.is_file():
            return []
        with self._reading() as base:
            rows = base.execute("SELECT run, begun, ended, state, request FROM runs ORDER BY run").fetchall()
            counted = base.execute("SELECT run, status, count(*) FROM files GROUP BY run, status").fetchall()
            return [self._read(row, {name: n for run, name, n in counted if run == row[0]}) for row in rows]

    def run(self, number: int | None = None) -> Run:
        """The run of a number, by default the last.

        Raises:
            InputError: There is none, or the file is no journal.
        """
        runs = self.runs()
        found = [run for run in runs if number in (None, run.number)]
        if not found:
            which = "no run" if number is None else f"no run {number}"
            there = (
                f"there are {runs[0].number} to {runs[-1].number}" if runs else "name the folder of results"
            )
            raise InputError(f"'{self._folder.parent}' has {which} of a batch", hint=there)
        return found[-1]

    def unfinished(self) -> Run:
        """The last run that can be gone on with.

        Raises:
            InputError: There is none, or the file is no journal.
        """
        found = [run for run in self.runs() if not run.is_over]
        if not found:
            raise InputError(
                f"nothing in '{self._folder.parent}' is left to go on with", hint="`svcfx jobs` lists runs"
            )
        return found[-1]

    def files(self, number: int) -> list[File]:
        """The files of a run, in order."""
        with self._reading() as base:
            rows = base.execute(
                "SELECT file, output, status, audio_seconds, work_seconds, error FROM files "
                "WHERE run = ? ORDER BY number",
                (number,),
            ).fetchall()
            return [File(file, Path(os.fsdecode(output)), *rest) for file, output, *rest in rows]

    def begun(self, request: Request) -> tuple[int, frozenset[Path]]:
        """The number of a run of the same request that is not over, and what it has made; 0 when there is
        none."""
        with self._guarded():
            same = [run for run in self.runs() if not run.is_over and run.request == request]
            if same:
                done = [file.output for file in self.files(same[-1].number) if file.status == "done"]
                return same[-1].number, frozenset(done)
        return 0, frozenset()

    def write(self, statement: str, *values: Any) -> int:
        """Do one statement, or nothing when the journal cannot be kept; the number of the row it made."""
        with self._guarded(), self._base() as base:
            return int(base.execute(statement, values).lastrowid or 0)
        return 0

    def write_rows(self, number: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put these in place of all files of a run."""
        with self._guarded(), self._base() as base:
            base.execute("DELETE FROM files WHERE run = ?", (number,))
            base.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    @contextlib.contextmanager
    def held(self, number: int) -> Iterator[None]:
        """Hold the run for as long as this process lives."""
        with contextlib.ExitStack() as stack:
            with self._guarded():
                self._folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locks.held(self._lock(number)))
            try:
                yield
            finally:
                database.close(self._path)

    def _read(self, row: tuple[Any, ...], counts: Mapping[str, int]) -> Run:
        number, begun, ended, state, request = row
        asked = json.loads(request)
        if state not in STATES or not isinstance(asked, dict):
            raise ValueError(f"run {number} is {state}")
        if state == "running" and not locks.is_held(self._lock(number)):
            state = "interrupted"
        return Run(int(number), float(begun), ended, state, asked, counts)

    def _lock(self, number: int) -> Path:
        return self._folder / f"{number}.lock"

    def _base(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return database.transaction(self._path, _TABLES)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._base() as base:
                yield base
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            said = f"'{self._path}' is no journal of batches: {error}"
            raise InputError(said, hint="take it away; results stay as they are") from error

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            self.trouble = f"the journal in '{self._folder}' could not be kept: {error}"
