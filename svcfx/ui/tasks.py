"""What the page asks for beside renders: a song taken apart, a voice cloned from a recording, or trained."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from svcfx.errors import InputError
from svcfx.session.strip_model import Role
from svcfx.training import making
from svcfx.training.plan import TrainingReport
from svcfx.ui import uploads
from svcfx.ui.worker import Work, WorkThread
from svcfx.voices.facts import facts

Kind = Literal["separate", "clone", "prepare", "train"]
MEASURING, BEGINNING, SHELVING = "measure", "begin", "shelve"
"""Stages of a training beside those of its preparation and its steps."""


@dataclass(slots=True, kw_only=True)
class Task(Work):
    """One of them: what it works on, and what came of it.

    Attributes:
        roles: Files that it left in the session's folder, with the role that each has in a song.
        singers: Those that it put on the shelf, as the catalog tells them.
        notes: What is to be said of it.
        training: The training that it is of, as the API calls it.
    """

    kind: Kind
    label: str
    roles: dict[str, Role] = field(default_factory=dict)
    singers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    training: str = ""

    def told(self, stage: str, share: float) -> None:
        """Take how far it is; raises `Cancelled` when it was asked to stop."""
        self.stage, self.done_fraction = stage, share
        self.go_on()


class Tasks:
    """Every task since the studio was opened, done by `worker` in its turn."""

    def __init__(self, worker: WorkThread) -> None:
        self._worker = worker
        self._numbers = itertools.count(1)
        self.every: dict[int, Task] = {}

    def ask(self, kind: Kind, label: str, do: Callable[[Task], None], *, training: str = "") -> Task:
        """Queue a task."""
        task = Task(number=next(self._numbers), kind=kind, label=label, training=training)
        self.every[task.number] = task
        self._worker.ask(task, lambda: do(task))
        return task

    def of_training(self, name: str) -> Task | None:
        """The newest task of a training."""
        return next((task for task in self.all() if task.training == name), None)

    def all(self) -> list[Task]:
        """Every task, the newest first."""
        return list(reversed(self.every.values()))

    def close(self) -> None:
        """Stop what runs."""
        for task in self.all():
            task.cancel()


def separate(task: Task, song: Path, model: str, use: Callable[[Mapping[str, Role]], None]) -> None:
    """Take a song apart into the folder where it lies, as `svcfx separate` does; `use` takes the files."""
    from svcfx.separation import separating

    made = separating.separate(
        song,
        song.parent,
        model=model,
        on_progress=lambda share: task.told("separate", share),
        on_note=task.notes.append,
    )
    task.roles = {made.vocals.name: "lead", made.accompaniment.name: "accompaniment"}
    use(task.roles)


def clone(task: Task, recording: Path, name: str, consent: str) -> None:
    """Make a voice of a recording, which goes, as `svcfx voices clone` does."""
    from svcfx.training.cloning import cloning

    def on_share(stage: str, share: float) -> None:
        task.stage, task.done_fraction = stage, share
        if stage != cloning.COMPARING:  # then it is on the shelf already
            task.go_on()

    try:
        made = cloning.clone(recording, name, consent, on_share=on_share)
    except InputError as error:
        raise uploads.by_name(error, recording) from error
    finally:
        recording.unlink(missing_ok=True)
    task.singers = [facts(made.card, singer) for singer in made.card.singers]
    task.notes += made.notes
    if made.likeness is not None:
        task.notes.append(f"likeness to the recording {made.likeness:.2f}, where 1 is the same speaker")


def prepare(task: Task, out: Path) -> None:
    """Listen to the recordings of a training, and measure what it costs, as `svcfx train prepare` and
    `svcfx train run --dry-run` do."""
    from svcfx.report import dataset as report
    from svcfx.training.prepare.hearing import share_of_all

    def on_step(stage: str, share: float) -> None:
        done = 0.0 if stage == making.FETCHING else share_of_all(stage, share)
        task.told(stage, 0.95 * done)

    try:
        told = making.prepare(out, on_step, task.notes.append)
    except InputError as error:
        raise uploads.by_name(error, out / making.RECORDINGS) from error
    report.write(told, out / making.DATASET)
    task.told(MEASURING, 0.95)
    making.measure(out, task.notes.append)
    task.done_fraction = 1.0


def train(task: Task, out: Path) -> None:
    """Train, or go on, as `svcfx train run` does; a training that is stopped keeps what it has done."""
    first = making.steps_done(out)

    def on_report(said: TrainingReport) -> None:
        task.stage = said.note or f"step {said.step} of {said.steps}"
        task.done_fraction = (said.step - first) / max(said.steps - first, 1)

    task.stage = BEGINNING
    card = making.train(out, on_report, task.notes.append, task.asked_to_stop.is_set)
    task.singers = [facts(card, singer) for singer in card.singers]
    task.done_fraction = 1.0


def shelve(task: Task, out: Path) -> None:
    """Put the best voice of a training so far on the shelf."""
    task.stage = SHELVING
    card = making.shelve(out, task.notes.append)
    task.singers = [facts(card, singer) for singer in card.singers]
    task.done_fraction = 1.0
