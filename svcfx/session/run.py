"""A run: many files, each through its effect; where results go is settled before anything is rendered."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

from svcfx import audio, digest
from svcfx.errors import AudioFileError, InputError
from svcfx.events import Kept, Note, OnProgress, Progress, never, unheard
from svcfx.render import keys
from svcfx.session import outputs, recipe, sidecar, stale, turns
from svcfx.session.entry import RunEntry
from svcfx.session.isolate import Alone, Destination, FileEffect
from svcfx.session.outputs import Planned
from svcfx.session.results import FileResult, Results
from svcfx.session.sources import LeftOut, Source
from svcfx.session.turns import FileTask, Place
from svcfx.session.writing import check_writable

VERSION = 1
STAGES = {"convert": "convert", "batch": "render"}
_NO_JOURNAL = nullcontext(lambda _number, _file: None)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A file, what it goes through, and what its result is called; "" for what the template says."""

    source: Source
    effect: FileEffect
    name: str = ""

    def target(self, output: Destination) -> Path:
        """Where its result goes."""
        return output.target(self.source, self.effect.names(self.source), self.name)

    def key(self, output: Destination) -> tuple[str, str]:
        """The hash of the file, and the key of its result; both "" when it cannot be read."""
        try:
            info, sha256 = audio.probe(self.source.path), digest.of_file(self.source.path)
        except (AudioFileError, OSError):
            return "", ""
        tail = output.tail_frames(info.sample_rate)
        whole = replace(info, frames=info.frames + tail)
        of_file = keys.digest("file", sha256, tail)
        made = self.effect.process.key(of_file, whole, self.effect.of(self.source))
        written = (output.encoding, output.form or output.path.suffix)
        return sha256, keys.key("file", VERSION, made, written) if made else ""


def check(rows: Sequence[RunRow], output: Destination) -> None:
    """Refuse what shows before it is known what each result will be called.

    Raises:
        InputError: A wrong template, a file for several inputs.
        OutputError: The folder cannot be written.
    """
    if output.single and len(rows) > 1:
        raise InputError(
            f"'{output.path}' is one file and there are {len(rows)} inputs", hint="give a folder with `out`"
        )
    check_writable(output.folder)
    output.target(rows[0].source, rows[0].effect.variables)


def plan(
    rows: Sequence[RunRow], output: Destination, finished: Collection[Path] = ()
) -> tuple[FileTask, ...]:
    """Settle where each result goes, and which are there already.

    Args:
        rows: The files.
        output: Where and how results are written.
        finished: Absolute paths of results that are skipped where they are the same, though all are to be
            overwritten.

    Raises:
        InputError: Any collision (see `outputs.plan_outputs`), or as `check` does.
        OutputError: The folder cannot be written.
    """
    check(rows, output)
    known = [row.key(output) for row in rows]

    def is_same(number: int, target: Path) -> bool:
        if output.on_exists == "overwrite" and target.absolute() not in finished:
            return False
        return _compared(stale.is_same, rows[number], known[number][1], target, output)

    wanted = [(row.source.path, row.target(output)) for row in rows]
    kept = [path for row in rows for path in row.effect.must_survive]
    settled = outputs.plan_outputs(wanted, output.on_exists, inputs=kept, is_same=is_same)
    numbers = {id(effect): number for number, effect in enumerate(effects_of(rows))}
    return tuple(
        FileTask(row.source, _due(row, key, step, output), numbers[id(row.effect)], sha256, key)
        for row, step, (sha256, key) in zip(rows, settled, known, strict=True)
    )


class Going(TypedDict, total=False):
    """How a run goes, the same for all that begin one.

    dry_run: Plan and look at the files, render nothing.
    jobs: Processes that take the files as they come; the results are the same, but for rounding below
        -100 dBFS where so-vits-svc and RVC voices get fewer threads. 0 is one, or with `on` what there is.
    on: A Ray cluster that takes them in their place: "ray", "ray://host:port" or "ray:ADDRESS".
    device: Where networks of voices run, such as "cpu"; "" is where each runs by itself.
    on_progress: Told how far the run is.
    on_result: Told what became of each file, as it comes, with what is said of its effect.
    is_cancelled: Asked now and then whether to stop.
    entry: Where the run is written down, such as `Entry.of(Journal(output.path), request)`; it goes on where
        one of the same request was interrupted.
    """

    dry_run: bool
    jobs: int
    on: str
    device: str
    on_progress: OnProgress
    on_result: Callable[[FileResult], None]
    is_cancelled: Callable[[], bool]
    entry: RunEntry | None


def events_of(going: Going) -> Kept:
    """What is told and asked while a run is prepared."""
    return Kept(going.get("on_progress", unheard), going.get("is_cancelled", never))


def run(
    rows: Sequence[RunRow], output: Destination, left_out: tuple[LeftOut, ...] = (), **going: Unpack[Going]
) -> Results:
    """Send each file through its effect and write result and recipe.

    Raises:
        InputError: The plan has a collision: nothing was rendered. What goes wrong with a single
            file is in the results instead.
    """
    started = time.monotonic()
    entry, dry_run = going.get("entry"), going.get("dry_run", False)
    events, on_result = events_of(going), going.get("on_result", _untold)
    tasks = plan(rows, output, entry.finished if entry else ())
    effects = effects_of(rows)
    at = Place("plan" if dry_run else STAGES[effects[0].recipe.kind], tasks, events.on_progress)
    alone = Alone(effects, output, dry_run)
    workers = None if dry_run else _workers(alone, tasks, going)
    with _swept(tasks, dry_run), entry.running(tasks) if entry and not dry_run else _NO_JOURNAL as written:

        def on_file(number: int, file: FileResult) -> None:
            written(number, file)
            said = rows[number].effect.notes if file.status == "done" else ()
            on_result(replace(file, notes=(*said, *file.notes)))

        files = turns.take(alone, workers, tasks, at, events, on_file)
    events.progress(Progress("", "", 1.0))  # the bar is full; in a pipe it is no line
    trouble = [Note("journal", entry.journal.trouble)] if entry and entry.journal.trouble else []
    took = time.monotonic() - started
    return Results(tuple(files), (*events.notes, *_notes(rows, files), *trouble), left_out, took)


def _workers(alone: Alone, tasks: Sequence[FileTask], going: Going) -> turns.Crew | None:
    """Who shares the files; None where there is nothing to share."""
    jobs, on = going.get("jobs", 0), going.get("on", "")
    due = sum(not task.step.skipped for task in tasks)
    if on and due:
        from svcfx.render.cluster.pool import Cluster  # here: few have a cluster

        gpus = going.get("device") != "cpu"
        return Cluster(alone, on, jobs, alone.output.folder, alone.voices(), gpus=gpus)
    if jobs > 1 and due > 1:
        from svcfx.render.processes import Workers  # here: a single file needs no second process

        return Workers(alone, min(jobs, len(tasks)))
    return None


def _untold(_file: FileResult) -> None:
    """Nobody asks."""


@contextmanager
def _swept(tasks: Sequence[FileTask], dry_run: bool) -> Iterator[None]:
    """Take away, before and behind, what killed processes were writing: an earlier run's, and workers."""
    targets = () if dry_run else [task.step.target for task in tasks]
    recipe.sweep(targets)
    try:
        yield
    finally:
        recipe.sweep(targets)


def _compared(asked: Callable[..., bool], row: RunRow, key: str, target: Path, output: Destination) -> bool:
    """Ask `stale` about a result; its recipe is only made where no key tells."""
    return asked(
        target,
        key,
        None if key or not row.source.path.is_file() else sidecar.wanted(row.source, row.effect, output),
    )


def _due(row: RunRow, key: str, step: Planned, output: Destination) -> Planned:
    """With "skip" a file that a render of another key left is made again."""
    if not step.skipped or not _compared(stale.is_outdated, row, key, step.target, output):
        return step
    return replace(step, skipped=False)


def effects_of(rows: Sequence[RunRow]) -> tuple[FileEffect, ...]:
    """The effects of a run, each once."""
    return tuple({id(row.effect): row.effect for row in rows}.values())


def _notes(rows: Sequence[RunRow], files: Sequence[FileResult]) -> tuple[Note, ...]:
    """What is said once for the whole run: of the effects that made something."""
    made = [row.effect for row, file in zip(rows, files, strict=True) if file.status == "done"]
    return tuple(dict.fromkeys(note for effect in made for note in effect.notes))
