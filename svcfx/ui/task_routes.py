"""Songs taken apart and voices cloned: asked for, watched, stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request

from svcfx.errors import SvcfxError, UnknownNameError, VoiceError, nearest
from svcfx.separation import models
from svcfx.session.strip_model import Role
from svcfx.ui import adding, tasks, uploads, views
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import FileNames
from svcfx.ui.views import TaskView
from svcfx.voices import adding as shelving

routes = APIRouter(prefix="/api/tasks", tags=["tasks"])


@dataclass(frozen=True, slots=True)
class Apart:
    """A song of the session's folder to be taken apart, and the model: one of the catalog's separators.

    `instead_of` is a strip that goes when the two new ones come.
    """

    file: str
    model: str = models.DEFAULT
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class NewClone:
    """An uploaded recording of one person, the voice's name, and who is heard and agreed."""

    file: str
    name: str
    consent: str


@routes.get("")
def every(studio: Opened) -> list[TaskView]:
    """Every task since the studio was opened, the newest first."""
    return [views.of_task(task) for task in studio.tasks.all()]


@routes.put("/recordings/{name}")
async def upload(name: str, request: Request, studio: Opened) -> FileNames:
    """Put a recording, sent as the body, where the studio keeps it until it is cloned; answers its name."""
    kept = await uploads.take_recording(name, request.stream(), studio.recordings, studio.own / "uploads")
    return FileNames([kept.name])


@routes.post("/separate", status_code=201)
def separate(apart: Apart, studio: Opened) -> TaskView:
    """Take a song apart into vocals and accompaniment beside it, which together are the song; both become
    strips of the session."""
    song = studio.file(apart.file)
    known = [name for name, _ in studio.separators()]
    if apart.model not in known:
        near = nearest(apart.model, known)
        raise UnknownNameError(f"no separation model is called '{apart.model[:100]}'{near}")
    model = apart.model if apart.model in models.KNOWN else str(studio.file(apart.model))

    def use(roles: Mapping[str, Role]) -> None:
        adding.add(studio.draft, list(roles), roles, instead_of=apart.instead_of)

    do = partial(tasks.separate, song=song, model=model, use=use)
    return views.of_task(studio.tasks.ask("separate", song.name, do))


@routes.post("/clone", status_code=201)
def clone(asked: NewClone, studio: Opened) -> TaskView:
    """Make a rough voice of an uploaded recording, 5 s or more of one person; the recording goes."""
    recording = uploads.found(studio.recordings, asked.file, "recording")
    name, consent = asked.name.strip(), asked.consent.strip()
    try:
        shelving.place_for(name, replace=False)
        if not consent:
            raise VoiceError("it is not said who is heard and agreed", hint="name them")
    except SvcfxError:
        recording.unlink()
        raise
    do = partial(tasks.clone, recording=recording, name=name, consent=consent)
    return views.of_task(studio.tasks.ask("clone", name, do))


@routes.get("/{number}")
def task(number: int, studio: Opened) -> TaskView:
    """How far a task is, and what came of it."""
    return views.of_task(studio.task(number))


@routes.delete("/{number}")
def cancel(number: int, studio: Opened) -> TaskView:
    """Ask a task to stop; nothing is left of it."""
    found = studio.task(number)
    found.cancel()
    return views.of_task(found)
