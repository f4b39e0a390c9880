"""Progress on stderr: a bar with time left on a terminal, plain lines when piped, nothing when quiet.

Results go to stdout, so that `svcfx ... > list.txt` holds results alone.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

Report = Callable[[str, float], None]
"""`report(label, fraction)`: what is being done now, and how much of all the work is done, 0 to 1."""


@contextlib.contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """Give a `Report` callback that draws until the block ends, also when it ends by an error or Ctrl-C."""
    if quiet:
        yield lambda _label, _fraction: None
    elif sys.stderr.isatty():
        with _bar(title) as report:
            yield report
    else:
        yield _lines()


def _lines() -> Report:
    """One plain line for each new label."""
    said: list[str] = []

    def report(label: str, _fraction: float) -> None:
        if label and said[-1:] != [label]:
            said[:] = [label]
            click.echo(label, err=True)

    return report


@contextlib.contextmanager
def _bar(title: str) -> Iterator[Report]:
    from rich.console import Console  # here: --help stays light
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[label]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, label="")
        yield lambda label, fraction: bar.update(task, completed=min(max(fraction, 0.0), 1.0), label=label)
