"""Songs taken apart and voices cloned: asked for, watched, stopped."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request

from svcfx.errors import SvcfxError, UnknownNameError, VoiceError, nearest
from svcfx.separation import models
from svcfx.session.strip_model import Role
from svcfx.ui import tasks, uploads
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import Files
from svcfx.ui.tasks import Kind, Task
from svcfx.ui.worker import State
from svcfx.voices import adding

routes = APIRouter(prefix="/api/tasks", tags=["tasks"])


@dataclass(frozen=True, slots=True)
class Apart:
    """A song of the session's folder to be taken apart, and the model: one of the catalog's separators."""

    file: str
    model: str = models.DEFAULT


@dataclass(frozen=True, slots=True)
class Cloned:
    """An uploaded recording of one person, the voice's name, and who is heard and agreed."""

    file: str
    name: str
    consent: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as it stands: `roles` are files that it left in the folder, `singers` those on the shelf."""

    number: int
    kind: Kind
    label: str
    state: State
    stage: str
    done_fraction: float
    seconds_left: float | None
    error: str
    hint: str
    roles: dict[str, Role]
    singers: list[dict[str, Any]]
    notes: list[str]


@routes.get("")
def every(studio: Opened) -> list[TaskView]:
    """Every task since the studio was opened, the newest first."""
    return [_view(task) for task in reversed(studio.tasks.every.values())]


@routes.put("/recordings/{name}")
async def upload(name: str, request: Request, studio: Opened) -> Files:
    """Put a recording, sent as the body, where the studio keeps it until it is cloned; answers its name."""
    kept = await uploads.take_recording(name, request.stream(), studio.recordings, studio.own / "uploads")
    return Files([kept.name])


@routes.post("/separate", status_code=201)
def separate(apart: Apart, studio: Opened) -> TaskView:
    """Take a song apart into vocals and accompaniment beside it, which together are the song."""
    song = studio.file(apart.file)
    known = [name for name, _ in studio.separators()]
    if apart.model not in known:
        near = nearest(apart.model, known)
        raise UnknownNameError(f"no separation model is called '{apart.model[:100]}'{near}")
    model = apart.model if apart.model in models.KNOWN else str(studio.file(apart.model))
    return _view(studio.tasks.ask("separate", song.name, partial(tasks.separate, song=song, model=model)))


@routes.post("/clone", status_code=201)
def clone(asked: Cloned, studio: Opened) -> TaskView:
    """Make a rough voice of an uploaded recording, 5 s or more of one person; the recording goes."""
    recording = uploads.found(studio.recordings, asked.file, "recording")
    name, consent = asked.name.strip(), asked.consent.strip()
    try:
        adding.place_for(name, replace=False)
        if not consent:
            raise VoiceError("it is not said who is heard and agreed", hint="name them")
    except SvcfxError:
        recording.unlink()
        raise
    do = partial(tasks.clone, recording=recording, name=name, consent=consent)
    return _view(studio.tasks.ask("clone", name, do))


@routes.get("/{number}")
def task(number: int, studio: Opened) -> TaskView:
    """How far a task is, and what came of it."""
    return _view(studio.task(number))


@routes.delete("/{number}")
def cancel(number: int, studio: Opened) -> TaskView:
    """Ask a task to stop; nothing is left of it."""
    found = studio.task(number)
    found.cancel()
    return _view(found)


def _view(task: Task) -> TaskView:
    return TaskView(
        number=task.number,
        kind=task.kind,
        label=task.label,
        state=task.state,
        stage=task.stage,
        done_fraction=round(task.done_fraction, 4),
        seconds_left=None if task.seconds_left is None else round(task.seconds_left, 1),
        error=task.error,
        hint=task.hint,
        roles=dict(task.roles),
        singers=list(task.singers),
        notes=list(task.notes),
    )
