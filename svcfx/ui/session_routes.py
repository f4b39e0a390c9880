"""The session: read, changed by key path, undone, saved."""

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query

from svcfx.node import opening
from svcfx.session import excerpt, key_plan, panel, plan
from svcfx.session.document import Document
from svcfx.session.editing import Change
from svcfx.session.strip_model import Role
from svcfx.ui import adding, views
from svcfx.ui.access import Opened
from svcfx.ui.views import BoardView, CheckView, ExcerptView, Said, SessionView

routes = APIRouter(prefix="/api/session", tags=["session"])


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `value` at the key path `key`, `["stems", 0, "gain_db"]`; null takes away what is there."""

    key: list[str | int]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes that are worked in together: all, or none."""

    changes: list[Edit]


@dataclass(frozen=True, slots=True)
class Strips:
    """Files of the folder to become strips; `roles` are those that are known, by file, and not guessed."""

    files: list[str]
    roles: dict[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileNames:
    """Names of files in the session's folder."""

    files: list[str]


@dataclass(frozen=True, slots=True)
class OpeningView:
    """A plug-in that is being opened, and for how long; some take minutes."""

    plugin: str
    seconds: float


@routes.get("")
def read_session(studio: Opened) -> SessionView:
    """The session as it is shown, its strips, and the song's time."""
    return views.of_session(studio)


@routes.patch("")
def change_session(edits: Edits, studio: Opened) -> SessionView:
    """Change keys of the session; comments and everything else in its text stay."""
    studio.draft.change([Change(tuple(edit.key), edit.value) for edit in edits.changes])
    return views.of_session(studio)


@routes.post("/files")
def add_files(given: Strips, studio: Opened) -> SessionView:
    """Make strips of audio files of the folder, their roles as given or guessed from their names; a MIDI file
    becomes the song's. Begins a session where there is none."""
    adding.add(studio.draft, given.files, given.roles)
    return views.of_session(studio)


@routes.post("/undo")
def undo(studio: Opened) -> SessionView:
    """Take the last change back."""
    studio.draft.undo()
    return views.of_session(studio)


@routes.post("/redo")
def redo(studio: Opened) -> SessionView:
    """Make the change again that was taken back."""
    studio.draft.redo()
    return views.of_session(studio)


@routes.post("/save")
def save(studio: Opened) -> SessionView:
    """Write the session's file."""
    studio.draft.save()
    return views.of_session(studio)


@routes.post("/revert")
def revert(studio: Opened) -> SessionView:
    """Show what the file says; undo brings the changes back."""
    studio.draft.revert()
    return views.of_session(studio)


@routes.get("/check")
def check(studio: Opened) -> CheckView:
    """Plan a render without rendering: what is wrong with a preset, a lane or a file is refused here."""
    made = studio.looked_into(plan.make)
    return CheckView(
        notes=[Said(note.code, note.text, note.is_warning) for note in made.notes],
        key_by={stem.name: stem.recording.way for stem in made.stems},
        estimated_seconds=round(made.estimated_seconds, 1),
    )


@routes.get("/opening")
def opened_now() -> OpeningView | None:
    """The plug-in that is being opened, for which all that needs one waits; null where none is."""
    found = opening.waits()
    return None if found is None else OpeningView(found[0], round(found[1], 1))


@routes.get("/excerpt")
def most_sung(studio: Opened, seconds: Annotated[float, Query(ge=1, le=600)] = 15.0) -> ExcerptView:
    """The bars of about that many seconds with the most singing in them."""
    found = studio.looked_into(lambda document: excerpt.most_sung(plan.make(document), seconds))
    return ExcerptView(found.bars, found.start_seconds, found.end_seconds)


@routes.get("/plan")
def key_plans(studio: Opened) -> list[dict[str, Any]]:
    """How much of each sung melody lies in its singer's range, transposed by -12 to +12 semitones, and what
    is suggested: what `svcfx plan --json` prints."""
    return [found.as_dict() for found in studio.looked_into(key_plan.of_session)]


@routes.get("/strips/{strip}/board")
def board(strip: str, studio: Opened) -> BoardView:
    """Every node of a strip's preset, what can be turned on it, and why what cannot be turned cannot; and
    what MIDI plays on the strip, as lanes that can be drawn in its place."""
    studio.refuse_unknown(strip)
    return studio.looked_into(partial(_board, strip))


def _board(strip: str, document: Document) -> BoardView:
    planned = plan.make(document)
    found = planned.named(strip)
    nodes = panel.of(found)
    played = panel.played(found, planned.timeline)
    return BoardView(strip, list(nodes), list(panel.targets(found, nodes)), list(played))
