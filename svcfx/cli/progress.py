"""Progress on stderr: a bar with time left on a terminal, plain lines when piped, nothing when quiet.

Results go to stdout, so that `svcfx ... > list.txt` holds results alone.
"""

import contextlib
import sys
from collections.abc import Iterator

import click

from svcfx.events import OnProgress, Progress, unheard


@contextlib.contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[OnProgress]:
    """Give a callback that draws until the block ends, also when it ends by an error or Ctrl-C."""
    if quiet:
        yield unheard
    elif sys.stderr.isatty():
        with _bar(title) as on_progress:
            yield on_progress
    else:
        yield _lines()


def _label(report: Progress) -> str:
    return f"{report.stage} {report.stem}".strip()


def _lines() -> OnProgress:
    """One plain line for each new label, and for each quarter of the work that goes by under one."""
    said = ("", 0)

    def on_progress(report: Progress) -> None:
        nonlocal said
        label, quarter = _label(report), int(4.0 * min(max(report.done_fraction, 0.0), 1.0))
        if label and said != (label, quarter):
            again = label == said[0]
            said = (label, quarter)
            click.echo(f"{label}, {25 * quarter} % of all done" if again else label, err=True)

    return on_progress


@contextlib.contextmanager
def _bar(title: str) -> Iterator[OnProgress]:
    from rich import progress as rich_progress  # here: --help stays light
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TimeRemainingColumn(compact=True),
        rich_progress.TextColumn("{task.fields[label]}", markup=False),
    )
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, label="")
        yield lambda report: bar.update(
            task, completed=min(max(report.done_fraction, 0.0), 1.0), label=_label(report)
        )
