"""What the API answers of a training: as it is watched, and what is known of one begun in a studio."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from svcfx.chain import families
from svcfx.errors import SvcfxError
from svcfx.training import history, kinds, making
from svcfx.training.making import Asked, Begun
from svcfx.training.prepare import records
from svcfx.ui import views
from svcfx.ui.studio import Studio
from svcfx.ui.views import TaskView
from svcfx.voices import encoder
from svcfx.voices.adding import UNSAID

_MOST_ROWS = 1000
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class MaterialView:
    """What recordings gave: pieces that are trained on, sung between these notes nine tenths of the time.

    `set_aside` says what is not trained on and why (at the most the first 100), `cautions` what may be heard.
    """

    minutes: float
    pieces: int
    low_hz: float
    high_hz: float
    set_aside: list[str]
    set_aside_count: int
    cautions: list[str]


@dataclass(frozen=True, slots=True)
class CostView:
    """What is still to be done, as it was measured here by a few steps: seconds, and bytes at the most."""

    step_seconds: float
    seconds: float
    memory: int
    disk: int


@dataclass(frozen=True, slots=True)
class BegunView:
    """What was asked of a training, and how far it is.

    Attributes:
        title: The family in words.
        steps: In all; `done_steps`: those that need not be done again.
        shelved_step: The one at which its best voice was put on the shelf, None before.
        material: None before its recordings were listened to; cost: before it was measured.
        commands: Command lines that do the same.
    """

    voice: str
    consent: str
    licence: str
    family: str
    title: str
    base: str
    steps: int
    done_steps: int
    shelved_step: int | None
    material: MaterialView | None
    cost: CostView | None
    commands: list[str]


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training as it stands: what was reported at `steps` (at the most the last 1000 of them), by name.

    `begun` is None for one that was begun elsewhere, or of which nobody can read what was asked: `error` says
    so then. `task` is the newest one that worked on it.
    """

    name: str
    steps: list[int]
    columns: dict[str, list[float | None]]
    best_step: int | None
    previews: list[int]
    begun: BegunView | None
    task: TaskView | None
    error: str = ""


def of(studio: Studio, name: str) -> TrainingView:
    """The training called so."""
    out = studio.training(name)
    task = studio.tasks.of_training(name)
    worked = None if task is None else views.of_task(task)  # first: what it left is there when it is over
    seen = history.look(out)
    columns = {key: list(values[-_MOST_ROWS:]) for key, values in seen.columns.items()}
    begun, error = _readable(studio, out)
    return TrainingView(
        name=name,
        steps=list(seen.steps[-_MOST_ROWS:]),
        columns=columns,
        best_step=seen.best_step,
        previews=list(seen.previews),
        begun=begun,
        task=worked,
        error=error,
    )


def _readable(studio: Studio, out: Path) -> tuple[BegunView | None, str]:
    """What was asked of it, or why that is not known: the others are shown all the same."""
    if not (out / making.NAME).is_file():
        return None, ""
    try:
        return _begun(studio, out), ""
    except SvcfxError as error:
        return None, error.message


def _begun(studio: Studio, out: Path) -> BegunView:
    begun = making.read(out)
    asked = begun.asked
    done = making.steps_done(out)
    return BegunView(
        voice=asked.name,
        consent=asked.consent,
        licence=asked.licence,
        family=asked.family,
        title=families.of(asked.family).title,
        base=asked.base,
        steps=asked.steps,
        done_steps=done,
        shelved_step=begun.shelved,
        material=_material(studio, out),
        cost=_cost(begun, done),
        commands=commands(out, asked),
    )


def _material(studio: Studio, out: Path) -> MaterialView | None:
    path = out / making.DATASET / records.NAME
    if not path.is_file():
        return None
    told = studio.once("records", path, lambda there: records.read(there.parent))
    singer = told.singers[0]
    own = told.of(singer)
    low, high = told.range_of(singer)
    return MaterialView(
        minutes=round(sum(piece.seconds for piece in own) / 60.0, 2),
        pieces=len(own),
        low_hz=round(low, 1),
        high_hz=round(high, 1),
        set_aside=[row.line for row in told.set_aside[:_MOST_LINES]],
        set_aside_count=len(told.set_aside),
        cautions=list(told.cautions),
    )


def _cost(begun: Begun, done: int) -> CostView | None:
    cost = begun.cost
    if cost is None:
        return None
    left = max(0, begun.asked.steps - done)
    seconds = cost.seconds_of(left, making.check_every(begun.asked))
    return CostView(round(cost.step_seconds, 3), round(seconds, 3), cost.memory, cost.disk)


def commands(out: Path, asked: Asked) -> list[str]:
    """Command lines that come to the same voice."""
    prepare = ["svcfx", "train", "prepare", out / making.RECORDINGS, "--singer", asked.name]
    prepare += ["--consent", asked.consent, "--family", asked.family]
    if asked.content != kinds.CONTENT[asked.family]:
        prepare += ["--encoder", asked.content]
    run = ["svcfx", "train", "run", out / making.DATASET, "-o", out, "--family", asked.family]
    given = {"--licence": asked.licence, "--size": asked.size, "--from": asked.base}
    usual = {"--licence": UNSAID, "--size": making.SIZES[0], "--from": ""}
    run += [part for flag, value in given.items() if value != usual[flag] for part in (flag, value)]
    run += ["--steps", asked.steps]
    if asked.family != kinds.PARAMETRIC:
        run += ["--devices", 1]
    lines = [[*prepare, "-o", out / making.DATASET], run]
    if asked.content in encoder.WIDTHS and not encoder.is_there(asked.content):
        lines.insert(0, ["svcfx", "voices", "pull", encoder.NAME])
    return [shlex.join(map(str, line)) for line in lines]
