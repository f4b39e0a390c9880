"""What became of each file, on stdout: paths, a table, or JSON; notes and errors on stderr."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from svcfx.cli.flags import spoken
from svcfx.cli.table import table
from svcfx.errors import printable

if TYPE_CHECKING:
    from svcfx.events import Note
    from svcfx.session.results import FileResult, Results
    from svcfx.session.sources import LeftOut


def tell(results: "Results", *, as_json: bool, quiet: bool, as_table: bool) -> None:
    """Print `results`, then raise what the run should end with (`Results.check`); a dry run ends well.

    Without a table, stdout holds the paths of the results and nothing else. As JSON the files have been told
    as they came, by `line`.
    """
    if as_json:
        for one in results.left_out:
            click.echo(json.dumps(_facts_left(one), ensure_ascii=False))
    elif as_table:
        click.echo(_as_table(results))
    else:
        for file in (*results.of("done"), *results.of("planned"), *results.of("skipped")):
            click.echo(printable(file.target))
    if not as_json:
        say(results, quiet=quiet, errors=not as_table)
    if not results.of("planned"):
        results.check()


def line(file: "FileResult") -> None:
    """Print what became of one file as a JSON object."""
    click.echo(json.dumps(_facts(file), ensure_ascii=False))


def unsaid(_file: "FileResult") -> None:
    """It is told at the end."""


def _facts_left(one: "LeftOut") -> dict[str, object]:
    return {
        "file": one.source.label,
        "source": printable(one.source.path),
        "status": "left out",
        "output": None,
        "notes": [{"code": "left-out", "warning": False, "text": one.why}],
        "error": None,
    }


def say(results: "Results", *, quiet: bool, errors: bool) -> None:
    """Notes on stderr, and errors that no table has shown; the error of a lone file is said by the group."""
    for note in () if quiet else results.notes:
        click.echo(f"Note: {note.text}", err=True)
    for one in results.left_out if errors and not quiet else ():  # a table has shown them
        click.echo(f"Note: '{one.source.label}' was left out: {one.why}", err=True)
    for file in results.files:
        for note in () if quiet else file.notes:
            click.echo(said(replace(note, text=f"'{file.label}': {note.text}")), err=True)
        if file.status == "skipped" and not file.notes and not quiet:
            click.echo(f"Note: '{printable(file.target)}' exists already and was left as it is", err=True)
        if errors and file.error is not None and len(results.files) > 1:
            click.echo(f"Failed: {spoken(str(file.error))}", err=True)
    if not quiet and results.summary():
        click.echo(results.summary(), err=True)


def said(note: "Note") -> str:
    """A note as a line."""
    return f"{'Warning' if note.is_warning else 'Note'}: {note.text}"


def _as_table(results: "Results") -> str:
    rows: list[tuple[str, ...]] = [(file.label, file.status, _last(file)) for file in results.files]
    rows += [(one.source.label, "left out", one.why) for one in results.left_out]
    counts = [f"{len(results.of(status))} {status}" for status in ("done", "planned", "skipped", "failed")]
    counts.append(f"{len(results.left_out)} left out")
    shown = ", ".join(count for count in counts if not count.startswith("0 "))
    return f"{table(('FILE', 'STATUS', 'RESULT'), rows)}\n{shown}"


def _last(file: "FileResult") -> str:
    return file.error.message if file.error is not None else printable(file.target)


def _facts(file: "FileResult") -> dict[str, object]:
    return {
        "file": file.label,
        "source": printable(file.source),
        "status": file.status,
        "output": printable(file.target),
        "audio_seconds": round(file.audio_seconds, 3),
        "work_seconds": round(file.work_seconds, 3),
        "notes": [{"code": note.code, "warning": note.is_warning, "text": note.text} for note in file.notes],
        "error": None
        if file.error is None
        else {"code": type(file.error).__name__, "message": file.error.message, "hint": file.error.hint},
    }
