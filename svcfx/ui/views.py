"""What the API answers: plain frozen values, documented by OpenAPI."""

import shlex
from dataclasses import dataclass
from typing import Any

from svcfx.session import differing, overview
from svcfx.session.overview import Overview
from svcfx.session.panel import NodePanel, Played, Target
from svcfx.session.strip_model import Role
from svcfx.ui.jobs import Job
from svcfx.ui.studio import Studio
from svcfx.ui.tasks import Kind, Task
from svcfx.ui.worker import State


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was refused, and what would mend it ("" where nothing can be said)."""

    error: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """The session as it is shown.

    Attributes:
        session: Its tables as read, every key with its default; None where there is none yet.
        text: The TOML that saving writes; command: the command line that renders the saved file.
        found: Audio files of the folder, from which a session can be begun.
    """

    file: str
    folder: str
    revision: int
    is_saved: bool
    can_undo: bool
    can_redo: bool
    found: list[str]
    command: str
    text: str = ""
    session: dict[str, Any] | None = None
    overview: Overview | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A note on the session or a render; a warning is what may not be as it was meant."""

    code: str
    text: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """What a render of the session would meet: notes, how each strip follows the key, a guess at the work."""

    notes: list[Said]
    key_by: dict[str, str]
    estimated_seconds: float


@dataclass(frozen=True, slots=True)
class BoardView:
    """What can be turned on a strip, what a lane can move, and what MIDI plays."""

    strip: str
    nodes: list[NodePanel]
    lanes: list[Target]
    played: list[Played]


@dataclass(frozen=True, slots=True)
class PeaksView:
    """Lowest and highest sample of each stretch of `seconds_each`, in hundredths of full scale, in turns."""

    seconds_each: float
    peaks: list[int]


@dataclass(frozen=True, slots=True)
class PitchView:
    """A line of pitch: MIDI note numbers, one each `seconds_each` from `start_seconds`; None is unvoiced."""

    start_seconds: float
    seconds_each: float
    notes: list[float | None]


@dataclass(frozen=True, slots=True)
class ExcerptView:
    """Bars, and the song seconds where they begin and end."""

    bars: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class LevelsView:
    """LUFS over the stretch that was rendered; None is silence."""

    mix: float | None
    sources: dict[str, float | None]
    results: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class JobView:
    """A render. `start_seconds` is where in the song its files begin, `strips` whose files there are, and
    `changes` what differs in the session from the render before it."""

    number: int
    state: State
    bars: str | None
    stage: str
    strip: str
    done_fraction: float
    work_seconds: float
    seconds_left: float | None
    error: str
    hint: str
    notes: list[Said]
    strips: list[str]
    start_seconds: float
    levels: LevelsView | None
    changes: list[str]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as it stands: `roles` are files that it left in the folder, `singers` those on the shelf;
    `training` is the one that it is of, by name."""

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
    training: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A key of the session that says something else: where, both values (null: not there), and in words."""

    where: str
    before: Any
    after: Any
    text: str


def of_session(studio: Studio) -> SessionView:
    """The studio's session."""
    draft = studio.draft
    common: dict[str, Any] = {
        "file": studio.session.name,
        "folder": studio.folder.name,
        "revision": draft.revision,
        "is_saved": draft.is_saved,
        "can_undo": draft.can_undo,
        "can_redo": draft.can_redo,
        "found": studio.found(),
        "command": f"svcfx render {shlex.quote(str(studio.session))}",
    }
    if not draft.is_there:
        return SessionView(**common)
    document = draft.document
    session = document.session.model_dump(mode="json")
    return SessionView(**common, text=document.text, session=session, overview=overview.of(document))


def differences(before: Job | None, after: Job) -> list[DifferenceView]:
    """What differs in the sessions of two renders; nothing where there is none before."""
    if before is None:
        return []
    found = differing.differences(before.document.session, after.document.session)
    return [DifferenceView(one.where, one.before, one.after, one.text) for one in found]


def of_job(job: Job, before: Job | None) -> JobView:
    """A job as it stands, and the one before it."""
    state, found = job.state, job.levels  # in this order: what is done has levels
    levels = LevelsView(found.mix, dict(found.sources), dict(found.results)) if found else None
    return JobView(
        number=job.number,
        state=state,
        bars=job.bars,
        stage=job.stage,
        strip=job.strip,
        done_fraction=round(job.done_fraction, 4),
        work_seconds=round(job.work_seconds, 2),
        seconds_left=None if job.seconds_left is None else round(job.seconds_left, 1),
        error=job.error,
        hint=job.hint,
        notes=[Said(note.code, note.text, note.is_warning) for note in job.notes],
        strips=list(job.stems),
        start_seconds=found.start_seconds if found else 0.0,
        levels=levels,
        changes=[one.text for one in differences(before, job)],
    )


def of_task(task: Task) -> TaskView:
    """A task as it stands."""
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
        training=task.training,
    )
