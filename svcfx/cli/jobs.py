"""`svcfx jobs`: the batches whose results lie in a folder, and what became of each file."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.cli.table import table
from svcfx.errors import printable

if TYPE_CHECKING:
    from svcfx.session.journal import File, Run

_WHERE = click.option(
    "-o", "--out", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("renders"),
    show_default=True, help="The folder of results.",
)  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.group(invoke_without_command=True)
@_WHERE
@_JSON
@click.pass_context
def jobs(context: click.Context, folder: Path, as_json: bool) -> None:
    """List the batches whose results lie in a folder, and how far each came.

    `svcfx batch` writes down what it was asked for and what became of each file, in .svcfx/jobs.sqlite beside
    its results. A batch that was interrupted goes on when the same command is given again, or by
    `svcfx batch --resume`. The journal may be deleted: results that are there as they would be made are found
    by their recipes.

    \b
    svcfx jobs
    svcfx jobs -o masters
    svcfx jobs show 3 -o masters
    """
    if context.invoked_subcommand is not None:
        return
    from svcfx.session.journal import Journal  # here: --help loads no pydantic

    runs = Journal(folder).runs()
    if as_json:
        for run in runs:
            click.echo(json.dumps(_facts(run), ensure_ascii=False))
        return
    rows = [(str(run.number), _time(run.begun), run.state, _counts(run), _asked(run)) for run in runs]
    click.echo(table(("RUN", "BEGUN", "STATE", "FILES", "ASKED FOR"), rows) if rows else "no batch yet")


@jobs.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@_WHERE
@_JSON
def show(number: int | None, folder: Path, as_json: bool) -> None:
    """What became of each file of run NUMBER, by default of the last."""
    from svcfx.session.journal import Journal

    journal = Journal(folder)
    run = journal.run(number)
    files = journal.files(run.number)
    if as_json:
        for file in files:
            click.echo(json.dumps(_facts_of(file), ensure_ascii=False))
        return
    click.echo(table(("FILE", "STATUS", "RESULT"), [(one.file, one.status, _result(one)) for one in files]))
    click.echo(f"run {run.number}, {run.state}: {_counts(run)}")


def _facts(run: "Run") -> dict[str, Any]:
    return {
        "run": run.number,
        "state": run.state,
        "begun": run.begun,
        "ended": run.ended,
        "files": dict(run.counts),
        "request": dict(run.request),
    }


def _facts_of(file: "File") -> dict[str, Any]:
    return {
        "file": file.file,
        "status": file.status,
        "output": printable(file.output),
        "audio_seconds": round(file.audio_seconds, 3),
        "work_seconds": round(file.work_seconds, 3),
        "error": file.error or None,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _counts(run: "Run") -> str:
    return ", ".join(f"{count} {status}" for status, count in sorted(run.counts.items())) or "none"


def _asked(run: "Run") -> str:
    """The preset and the places of a request, without the folders above them."""
    manifest, given = str(run.request.get("manifest", "")), run.request.get("paths", ())
    paths = [manifest] if manifest else list(map(str, given))
    more = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    preset = Path(str(run.request.get("preset", ""))).stem
    places = ", ".join(Path(path).name for path in paths[:2]) + more
    return f"{preset}: {places}" if preset else places


def _result(file: "File") -> str:
    return file.error or printable(file.output)
