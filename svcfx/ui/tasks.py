"""What the page asks for beside renders: a song taken apart, a voice cloned from a recording."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from svcfx.errors import InputError
from svcfx.session.strip_model import Role
from svcfx.ui import uploads
from svcfx.ui.worker import Work, Worker
from svcfx.voices.facts import facts

Kind = Literal["separate", "clone"]


@dataclass(slots=True, kw_only=True)
class Task(Work):
    """One of them: what it works on, and what came of it.

    Attributes:
        roles: Files that it left in the session's folder, with the role that each has in a song.
        singers: Those that it put on the shelf, as the catalog tells them.
        notes: What is to be said of it.
    """

    kind: Kind
    label: str
    roles: dict[str, Role] = field(default_factory=dict)
    singers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self, stage: str, share: float) -> None:
        """Take how far it is; raises `Cancelled` when it was asked to stop."""
        self.stage, self.done_fraction = stage, share
        self.go_on()


class Tasks:
    """Every task since the studio was opened, done by `worker` in its turn."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._numbers = itertools.count(1)
        self.every: dict[int, Task] = {}

    def ask(self, kind: Kind, label: str, do: Callable[[Task], None]) -> Task:
        """Queue a task."""
        task = Task(number=next(self._numbers), kind=kind, label=label)
        self.every[task.number] = task
        self._worker.ask(task, lambda: do(task))
        return task

    def close(self) -> None:
        """Stop what runs."""
        for task in self.every.values():
            task.cancel()


def separate(task: Task, song: Path, model: str) -> None:
    """Take a song apart into the folder where it lies, as `svcfx separate` does."""
    from svcfx.separation import separating

    made = separating.separate(
        song,
        song.parent,
        model=model,
        on_progress=lambda share: task.told("separate", share),
        on_note=task.notes.append,
    )
    task.roles = {made.vocals.name: "lead", made.accompaniment.name: "accompaniment"}


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
