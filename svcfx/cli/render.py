"""`svcfx render`: a session in, a song out."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.cli.caching import what_is_kept
from svcfx.cli.flags import spoken
from svcfx.cli.options import where_networks_run
from svcfx.cli.progress import progress
from svcfx.cli.tell import said
from svcfx.errors import CheckFailure, SvcfxError
from svcfx.session.outputs import ON_EXISTS, OnExists

if TYPE_CHECKING:
    from svcfx.events import Note
    from svcfx.render.files import Files
    from svcfx.report.bounced_page import Report
    from svcfx.session.bounce import Bounced


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder for the results. [renders/<session>]"
)
@click.option("--bars", metavar="FROM-TO", help="Keep only these bars, such as 17-25.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do where a result is there already.")  # fmt: skip
@what_is_kept
@where_networks_run("--device")
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="A folder outside its own that the session may read. May be given again.")  # fmt: skip
@click.option("--allow-plugin", type=click.Path(path_type=Path), multiple=True,
              help="A plug-in file that a preset may load by its path. May be given again.")  # fmt: skip
@click.option(
    "--report",
    "with_report",
    is_flag=True,
    help="Write a page beside the mix: players, pitch, lanes, levels, costs, in one HTML file.",
)
@click.option("--watch", is_flag=True,
              help="Render again whenever a file in the session's folder changes, until Ctrl-C.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors only.")
@click.option("--strict", is_flag=True, help="Exit with 4 when there is a warning, with --dry-run too.")
def render(
    session: Path,
    out: Path | None,
    bars: str | None,
    dry_run: bool,
    as_json: bool,
    on_exists: OnExists,
    allow_path: tuple[Path, ...],
    allow_plugin: tuple[Path, ...],
    with_report: bool,
    watch: bool,
    quiet: bool,
    strict: bool,
    store: "Files | None",
) -> None:
    """Render the stems of SESSION, a session.toml, through its buses, and mix them.

    Paths of the results go to stdout, notes and progress to stderr. Rendered again, only what changed is
    made (`svcfx cache --help`); where nothing did, nothing is done. --on-exists skip makes again what a
    render with other settings left, and leaves all else as it is.

    With --watch the voices stay warm: a preset, a fader or a stem is saved, and the song is there again, its
    files overwritten. A mistake is said, and the next change is waited for.

    \b
    svcfx render song/session.toml
    svcfx render song/session.toml --watch
    svcfx render song/session.toml --bars 17-25 -o try --on-exists overwrite
    svcfx render song/session.toml --dry-run
    """
    settings: dict[str, Any] = {
        "bars": bars, "allow_paths": allow_path, "allow_plugins": allow_plugin, "store": store,
    }  # fmt: skip
    if dry_run:
        from svcfx.session import preview  # here: --help loads nothing, and a dry run not what renders

        plan = preview.preview(session, out, on_exists=on_exists, **settings)
        click.echo(_line("plan", preview.as_dict(plan)) if as_json else preview.as_text(plan))
        _check(plan.plan.notes, strict=strict)
        return

    def once(replacing: OnExists) -> None:
        from svcfx.session import bounce

        listener = _report(replacing) if with_report else None
        with progress("rendering", quiet=quiet) as report:
            done = bounce.bounce(
                session, out, on_exists=replacing, on_progress=report, listener=listener, **settings
            )
            page = listener.write(done) if listener else None
        _tell(done, as_json=as_json, quiet=quiet)
        if listener and page:
            _tell_page(listener, page, as_json=as_json)
        _check(done.notes, strict=strict)

    if watch:
        _watch(session, out, on_exists, once)
    else:
        once(on_exists)


def _watch(session: Path, out: Path | None, first: OnExists, once: Callable[[OnExists], None]) -> None:
    """Render, and again at each change; then what is wrong is said, and the next change waited for."""
    from svcfx.session import watching, writing

    ways: Iterator[OnExists] = chain([first], repeat("overwrite"))
    done: list[OnExists] = []

    def work() -> None:
        try:
            once(way := next(ways))
            done.append(way)
        except SvcfxError as error:
            if not done:
                raise
            click.echo(f"Error: {spoken(str(error))}", err=True)

    watching.watch(session.absolute().parent, out or writing.DEFAULT_FOLDER, work)


def _report(on_exists: OnExists) -> "Report":
    from svcfx.report.bounced_page import Report  # here: most renders need none

    return Report(on_exists)


def _tell_page(listener: "Report", page: Path, *, as_json: bool) -> None:
    """The page's place; as JSON its figures too, where it was made now."""
    figures = {"figures": listener.told.figures()} if listener.told else {}
    click.echo(_line("report", {"file": str(page), **figures}) if as_json else page)


def _check(notes: Iterable["Note"], *, strict: bool) -> None:
    warnings = [note for note in notes if note.is_warning]
    if strict and warnings:
        raise CheckFailure(
            f"{len(warnings)} warning{'s' * (len(warnings) > 1)}, the first: {warnings[0].text}"
        )


def _tell(done: "Bounced", *, as_json: bool, quiet: bool) -> None:
    """Results on stdout, notes on stderr; as JSON all on stdout."""
    if as_json:
        for note in done.notes:
            click.echo(_line("note", {"code": note.code, "warning": note.is_warning, "text": note.text}))
        for path in (*done.mix, *done.stems):
            click.echo(_line("output", {"file": str(path), "is_mix": path in done.mix}))
        for path in done.skipped:
            click.echo(_line("skipped", {"file": str(path)}))
        click.echo(_line("done", done.figures()))
        return
    for note in () if quiet else done.notes:
        click.echo(said(note), err=True)
    for path in (*done.mix, *done.stems):
        click.echo(path)
    if not quiet:
        click.echo(done.summary(), err=True)


def _line(event: str, values: dict[str, Any]) -> str:
    return json.dumps({"event": event, **values}, ensure_ascii=False)
