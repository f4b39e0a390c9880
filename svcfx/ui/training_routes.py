"""Trainings: begun of recordings, watched with their curves and what they sing on the way, gone on with."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from svcfx.errors import InputError, UnknownNameError
from svcfx.training import history, kinds, making
from svcfx.training.making import Asked
from svcfx.ui import tasks, training_views, uploads
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import FileNames
from svcfx.ui.studio import Studio
from svcfx.ui.tasks import Kind
from svcfx.ui.training_views import TrainingView
from svcfx.voices.adding import UNSAID

routes = APIRouter(prefix="/api/trainings", tags=["trainings"])


@dataclass(frozen=True, slots=True)
class NewTraining:
    """A voice to be trained: its name, uploaded recordings of one person, and who that is and agreed.

    `licence` is what whoever trains it allows. `family`, `content`, `size` and `base` are those of the
    catalog's `trainable`; `steps` are in all, null as many as the family usually takes.
    """

    name: str
    files: list[str]
    consent: str
    licence: str = ""
    family: str = kinds.PARAMETRIC
    content: str = ""
    size: str = making.SIZES[0]
    base: str = ""
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A training by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class More:
    """A training, and uploaded recordings of the same person."""

    name: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class Further:
    """A training, and how many steps it is to come to in all."""

    name: str
    steps: int


@routes.get("")
def trainings(studio: Opened) -> list[TrainingView]:
    """Every training in the song's folder, and those that the studio was told to watch."""
    seen = []
    for name in studio.trainings():
        with contextlib.suppress(UnknownNameError, FileNotFoundError):  # it was taken away meanwhile
            seen.append(training_views.of(studio, name))
    return seen


@routes.put("/recordings/{name}")
async def upload(name: str, request: Request, studio: Opened) -> FileNames:
    """Put a recording, or a zip of recordings, sent as the body, where the studio keeps it until a training
    is begun; answers the names of what came."""
    kept = await uploads.take_recordings(name, request.stream(), studio.takes, studio.own / "uploads")
    return FileNames([path.name for path in kept])


@routes.post("", status_code=201)
def begin(wanted: NewTraining, studio: Opened) -> TrainingView:
    """Begin a training in the song's folder: its recordings are listened to, and what it costs is measured,
    as `svcfx train prepare` and `svcfx train run --dry-run` do. Nothing is trained yet."""
    takes = [uploads.found(studio.takes, name, "recording") for name in dict.fromkeys(wanted.files)]
    out = making.begin(studio.voices_begun, _asked(wanted), takes)
    return _prepared(studio, out.relative_to(studio.folder).as_posix())


@routes.post("/recordings", status_code=201)
def more(given: More, studio: Opened) -> TrainingView:
    """Give a training of which nothing is trained yet more recordings; all of them are listened to."""
    takes = [uploads.found(studio.takes, name, "recording") for name in dict.fromkeys(given.files)]
    making.add(_idle(studio, given.name), takes)
    return _prepared(studio, given.name)


@routes.post("/prepare", status_code=201)
def prepare(named: Named, studio: Opened) -> TrainingView:
    """Listen to the recordings of a training again, where that was stopped or failed."""
    return _prepared(studio, named.name)


@routes.post("/train", status_code=201)
def train(named: Named, studio: Opened) -> TrainingView:
    """Train, or go on, to the steps that are asked for, as `svcfx train run` does. The best voice comes onto
    the shelf of whoever runs the studio; stopping the task keeps what was done."""
    out = _idle(studio, named.name)
    if making.read(out).cost is None:
        raise InputError(f"the recordings of '{named.name}' were not listened to yet", hint="do that first")
    return _queued(studio, named.name, "train", tasks.train)


@routes.post("/shelve", status_code=201)
def shelve(named: Named, studio: Opened) -> TrainingView:
    """Put the best voice of a training so far on the shelf; it can be gone on with all the same."""
    making.require_checked(_idle(studio, named.name))
    return _queued(studio, named.name, "train", tasks.shelve)


@routes.patch("")
def further(asked: Further, studio: Opened) -> TrainingView:
    """Have a training come to another number of steps."""
    making.ask(_idle(studio, asked.name), asked.steps)
    return training_views.of(studio, asked.name)


@routes.delete("")
def take_away(name: str, studio: Opened) -> list[TrainingView]:
    """Take a training away, with its recordings and all that was made of them; a voice on the shelf stays."""
    making.take_away(_idle(studio, name))
    return trainings(studio)


@routes.get("/preview")
def preview(name: str, step: int, studio: Opened) -> FileResponse:
    """The phrase that a training sang at a step, as WAV."""
    return FileResponse(history.preview(studio.training(name), step), media_type="audio/wav")


def _asked(wanted: NewTraining) -> Asked:
    usual = kinds.settled({"family": wanted.family, "steps": wanted.steps})
    return Asked(
        name=wanted.name.strip(),
        consent=wanted.consent.strip(),
        licence=wanted.licence.strip() or UNSAID,
        family=wanted.family,
        content=wanted.content or kinds.CONTENT.get(wanted.family, ""),
        size=wanted.size,
        base=wanted.base,
        steps=int(usual["steps"]),
    )


def _idle(studio: Studio, name: str) -> Path:
    """The folder of a training that was begun here and that no task works on; raises `InputError`."""
    out = studio.begun(name)
    task = studio.tasks.of_training(name)
    if task is not None and not task.is_over:
        raise InputError(f"'{name[:100]}' is being worked on", hint="stop it first")
    return out


def _prepared(studio: Studio, name: str) -> TrainingView:
    return _queued(studio, name, "prepare", tasks.prepare)


def _queued(studio: Studio, name: str, kind: Kind, do: Callable[..., None]) -> TrainingView:
    """Have a task do something with a training, in its turn."""
    out = _idle(studio, name)
    studio.tasks.ask(kind, making.read(out).asked.name, partial(do, out=out), training=name)
    return training_views.of(studio, name)
