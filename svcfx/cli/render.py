"""`svcfx render`: sessions in, songs out."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
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
    from svcfx.events import Events, Note, OnProgress
    from svcfx.report.bounced_page import Report
    from svcfx.session.bounce import Bounced
    from svcfx.session.preview import Preview
    from svcfx.session.songs import Song


@click.command()
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path),
              help="Folder for the results; of several sessions each has one in it. "
                   "[renders/<session>]")  # fmt: skip
@click.option("--bars", metavar="FROM-TO", help="Make only these bars, such as 17-25.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do where a result is there already.")  # fmt: skip
@what_is_kept
@where_networks_run("--device")
@click.option("--jobs", type=click.IntRange(1, 1024), default=1, metavar="N",
              help="Processes that share several sessions, or the stems and phrases of one, and the cores. "
                   "so-vits-svc and RVC voices round otherwise on fewer threads, below -100 dBFS; all else "
                   "is the same to the byte. One song is shared through the cache. [default: 1]")  # fmt: skip
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
    sessions: tuple[Path, ...],
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    on_exists: OnExists,
    jobs: int,
    allow_path: tuple[Path, ...],
    allow_plugin: tuple[Path, ...],
    with_report: bool,
    watch: bool,
    quiet: bool,
    strict: bool,
    **settings: Any,
) -> None:
    """Render the stems of SESSION, a session.toml, through its buses, and mix them.

    Paths of the results go to stdout, notes and progress to stderr. Rendered again, only what changed is
    made (`svcfx cache --help`); where nothing did, nothing is done. --on-exists skip makes again what a
    render with other settings left, and leaves all else as it is.

    Several sessions are rendered each by itself: one that fails does not stop the others, and the exit code
    is 3 when some failed and others are on disk.

    With --watch the voices stay warm: a preset, a fader or a stem is saved, and the song is there again, its
    files overwritten. A mistake is said, and the next change is waited for.

    \b
    svcfx render song/session.toml
    svcfx render song/session.toml --watch
    svcfx render song/session.toml --bars 17-25 -o try --on-exists overwrite
    svcfx render song/session.toml --dry-run
    svcfx render */session.toml --jobs 2 -o album
    """
    from svcfx.session import songs  # here: --help loads nothing

    settings |= {"allow_paths": allow_path, "allow_plugins": allow_plugin}
    every = songs.of(sessions, out)
    tell = _Tell(len(every) > 1, as_json, quiet, strict)
    if dry_run:
        from svcfx.session import preview  # here: a dry run loads nothing that renders

        plans = [preview.preview(song.session, song.out, on_exists=on_exists, **settings) for song in every]
        for song, plan in zip(every, plans, strict=True):
            tell.plan(song, plan)
        tell.check(note for plan in plans for note in plan.plan.notes)
        return
    if watch and len(every) > 1:
        raise click.UsageError("--watch looks at one session; give the others to commands of their own")

    def once(replacing: OnExists) -> None:
        work = _Render({**settings, "jobs": jobs if len(every) == 1 else 1}, replacing, with_report)
        failed: list[SvcfxError] = []
        with progress("rendering", quiet=quiet) as report:
            made = _made(work, every, jobs, report)
        for song, outcome in zip(every, made, strict=True):
            if isinstance(outcome, SvcfxError):
                failed.append(outcome)
                tell.failed(song, outcome)
            else:
                tell.done(song, outcome)
        songs.check(failed, len(every))
        tell.check(note for outcome in made if isinstance(outcome, _Made) for note in outcome.done.notes)

    if watch:
        _watch(every[0], on_exists, once)
    else:
        once(on_exists)


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a song: what its bounce left, in words how much was there already, and its page."""

    done: "Bounced"
    summary: str
    page: Path | None = None
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Render:
    """How songs are rendered; crosses over to other processes, as what it gives does."""

    settings: dict[str, Any]
    on_exists: "OnExists"
    with_report: bool

    def __call__(self, song: "Song", events: "Events") -> _Made:
        """Render one."""
        from svcfx.render.steps import Steps
        from svcfx.session import bounce

        listener = _report(self.on_exists) if self.with_report else None
        done = bounce.bounce(
            song.session,
            song.out,
            on_exists=self.on_exists,
            on_progress=events.progress,
            is_cancelled=events.cancelled,
            listener=listener,
            **self.settings,
        )
        page = listener.write(done) if listener else None
        figures = {"figures": listener.told.figures()} if listener and listener.told else {}
        return _Made(replace(done, steps=Steps()), done.summary(), page, figures)


def _made(
    work: _Render, every: "tuple[Song, ...]", jobs: int, on_progress: "OnProgress"
) -> "list[_Made | SvcfxError]":
    """What became of each song, in order; the error of a song that is alone is raised."""
    from svcfx.events import Kept
    from svcfx.session import songs

    events = Kept(on_progress)
    if len(every) == 1:
        return [work(every[0], events)]
    found = dict(songs.each(work, every, jobs, events))
    return [found[number] for number in sorted(found)]


def _watch(song: "Song", first: OnExists, once: Callable[[OnExists], None]) -> None:
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

    watching.watch(song.session.absolute().parent, song.out or writing.DEFAULT_FOLDER, work)


def _report(on_exists: OnExists) -> "Report":
    from svcfx.report.bounced_page import Report  # here: most renders need none

    return Report(on_exists)


@dataclass(frozen=True, slots=True)
class _Tell:
    """Results on stdout, notes on stderr; as JSON all on stdout. Of several songs each is named."""

    several: bool
    as_json: bool
    quiet: bool
    strict: bool

    def plan(self, song: "Song", plan: "Preview") -> None:
        """What would be done."""
        from svcfx.session import preview

        if self.as_json:
            self._line(song, "plan", preview.as_dict(plan))
        else:
            click.echo(preview.as_text(plan))

    def done(self, song: "Song", made: _Made) -> None:
        """What became of a song."""
        done = made.done
        if self.as_json:
            for note in done.notes:
                told = {"code": note.code, "warning": note.is_warning, "text": note.text}
                self._line(song, "note", told)
            for path in (*done.mix, *done.stems):
                self._line(song, "output", {"file": str(path), "is_mix": path in done.mix})
            for path in done.skipped:
                self._line(song, "skipped", {"file": str(path)})
            self._line(song, "done", done.figures())
            if made.page:
                self._line(song, "report", {"file": str(made.page), **made.figures})
            return
        of = f"'{song.name}': " if self.several else ""
        for note in () if self.quiet else done.notes:
            click.echo(said(replace(note, text=f"{of}{note.text}")), err=True)
        for path in (*done.mix, *done.stems):
            click.echo(path)
        if not self.quiet:
            click.echo(f"{of}{made.summary}", err=True)
        if made.page:
            click.echo(made.page)

    def failed(self, song: "Song", error: SvcfxError) -> None:
        """Why there is no such song."""
        if self.as_json:
            told = {"code": type(error).__name__, "message": error.message, "hint": error.hint}
            self._line(song, "failed", told)
        else:
            click.echo(f"Failed: '{song.name}': {spoken(str(error))}", err=True)

    def check(self, notes: Iterable["Note"]) -> None:
        """Fail where warnings are to."""
        warnings = [note for note in notes if note.is_warning]
        if self.strict and warnings:
            raise CheckFailure(
                f"{len(warnings)} warning{'s' * (len(warnings) > 1)}, the first: {warnings[0].text}"
            )

    def _line(self, song: "Song", event: str, values: dict[str, Any]) -> None:
        named = {"session": str(song.session)} if self.several else {}
        click.echo(json.dumps({"event": event, **named, **values}, ensure_ascii=False))
