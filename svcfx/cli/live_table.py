"""The files of a run as a table on a terminal, drawn anew while they are worked on."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from svcfx.cli.progress import progress
from svcfx.cli.tell import line, unsaid
from svcfx.events import OnProgress, Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from svcfx.session.results import FileResult

HEAD = ("FILE", "STAGE", "DONE", "TIMES REAL TIME", "FROM CACHE", "TIME LEFT")
OnResult = Callable[["FileResult"], None]
_REDRAWN_A_SECOND = 4.0
_AROUND = 6
"""Lines of a terminal that the table leaves to its own head, its last row and what stands before it."""


@dataclass
class _File:
    """A file that was begun: to what share it was done when first told of, and now."""

    since: float
    first: float
    share: float
    seconds: float
    result: "FileResult | None" = None


@dataclass
class FileProgress:
    """What is known of the files of a run; `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _begun: dict[str, _File] = field(default_factory=dict)
    _since: float = 0.0
    _done: float = 0.0

    def __post_init__(self) -> None:
        self._since = self.clock()

    def on_progress(self, at: Progress) -> None:
        """Take how far a file and the run are."""
        self._done = at.done_fraction
        if at.stem:
            file = self._begun.get(at.stem)
            if file is None or (file.result is None and at.share < file.share):  # it is begun, or begun again
                file = self._begun[at.stem] = _File(self.clock(), at.share, at.share, at.seconds)
            file.share = at.share

    def on_result(self, result: "FileResult") -> None:
        """Take what became of a file."""
        file = self._begun.setdefault(result.label, _File(self.clock(), 1.0, 1.0, result.audio_seconds))
        file.share, file.result = 1.0, result

    def rows(self, most: int) -> list[tuple[str, ...]]:
        """At most so many files, those at work last, and the run as a whole."""
        over = [(name, file) for name, file in self._begun.items() if file.result is not None]
        at_work = [(name, file) for name, file in self._begun.items() if file.result is None]
        shown = (*over, *at_work)[-most:]
        return [*(self._row(name, file) for name, file in shown), self._all(len(over))]

    def _row(self, name: str, file: _File) -> tuple[str, ...]:
        if file.result is not None:
            done = file.result
            pace = done.audio_seconds / done.work_seconds if done.work_seconds > 0.0 else 0.0
            there, every = done.reused
            cached = f"{there} of {every}" if every else ""
            return name, done.status, "", f"{pace:.1f}" if pace else "", cached, ""
        spent, share = self.clock() - file.since, file.share - file.first
        pace = share * file.seconds / spent if spent > 0.0 else 0.0
        left = f"{(1.0 - file.share) * spent / share:.0f} s" if share > 0.0 else ""
        return name, "render", f"{file.share:.0%}", f"{pace:.1f}" if pace else "", "", left

    def _all(self, over: int) -> tuple[str, ...]:
        spent = self.clock() - self._since
        left = clock_time((1.0 - self._done) * spent / self._done) if self._done > 0.0 else ""
        return f"{over} over", "", f"{self._done:.0%}", "", "", left


def clock_time(seconds: float) -> str:
    """Seconds as minutes and seconds, or hours too: "4:05", "2:01:30"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Tellers(NamedTuple):
    """Who is to be told of progress, of results, and of a line for stderr while files are at work."""

    on_progress: OnProgress
    on_result: OnResult
    aside: Callable[[str], None]


@contextlib.contextmanager
def as_json_lines(title: str, *, quiet: bool) -> Iterator[Tellers]:
    """As `files_at_work`, but each result is a line on stdout."""
    with progress(title, quiet=quiet) as report:
        yield Tellers(report, line, _aside)


@contextlib.contextmanager
def files_at_work(title: str, *, quiet: bool) -> Iterator[Tellers]:
    """Give what is to be told until the block ends.

    It is a table where stderr is a terminal, and else what `progress` makes of it.
    """
    if quiet or not sys.stderr.isatty():
        with progress(title, quiet=quiet) as report:
            yield Tellers(report, unsaid, _aside)
        return
    from rich.console import Console  # here: --help stays light
    from rich.live import Live

    console, files = Console(stderr=True), FileProgress()
    with Live(
        get_renderable=lambda: _drawn(files.rows(max(console.height - _AROUND, 1))),
        console=console,
        refresh_per_second=_REDRAWN_A_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield Tellers(files.on_progress, files.on_result, lambda text: _above(console, text))


def _aside(text: str) -> None:
    click.echo(text, err=True)


def _above(console: "Console", text: str) -> None:
    """What is not printed by the console that draws a table is rubbed out with it."""
    from rich.text import Text

    console.print(Text(text), soft_wrap=True)


def _drawn(rows: list[tuple[str, ...]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(HEAD):
        aligned: dict[str, Any] = {"overflow": "ellipsis"} if number < 2 else {"justify": "right"}
        table.add_column(name, no_wrap=True, **aligned)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
