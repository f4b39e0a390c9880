"""A voice made of recordings in one folder, where what is asked of it is kept, so that it can go on.

    me/asked.json                     what is asked, what it would cost, which step is on the shelf
    me/recordings/, me/dataset/       what is heard, and what `prepare` makes of it
    me/states/, me/previews/, ...     the training, as `training.loop` says

It is what `svcfx train prepare me/recordings -o me/dataset` and `svcfx train run me/dataset -o me` do.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcfx.atomic import atomic, unwritten
from svcfx.chain import families
from svcfx.errors import InputError, OutputExistsError, TrainingError, VoiceError
from svcfx.events import never
from svcfx.training import history, kinds, ranges
from svcfx.training.plan import OnReport
from svcfx.voices import adding, encoder, shelf
from svcfx.voices.card import Card

if TYPE_CHECKING:
    from svcfx.training.estimate import Estimate
    from svcfx.training.prepare.hearing import OnStep
    from svcfx.training.prepare.records import Records
    from svcfx.training.request import TrainingRequest

NAME = "asked.json"
FORM = "svcfx-asked-1"
RECORDINGS, DATASET = "recordings", "dataset"
FETCHING = "fetch"
"""Told as a stage before those of `prepare`, where the content encoder has to be downloaded first."""
SIZES = ("full", "small")
OnNote = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks of a voice.

    Attributes:
        content: Encoder that hears words; base: voice on the shelf to begin with, "" for none that is said.
        size: Of networks of so-vits-svc alone.
    """

    name: str
    consent: str
    licence: str = adding.UNSAID
    family: str = kinds.PARAMETRIC
    content: str = kinds.CONTENT[kinds.PARAMETRIC]
    size: str = SIZES[0]
    base: str = ""
    steps: int

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            VoiceError: The name cannot be, nobody agreed, or the base is no voice of this family.
            OutputExistsError: There is such a voice.
            ParamError: Family, content, size or steps is none of those that can be.
        """
        adding.place_for(self.name, replace=False)
        if not self.consent.strip():
            raise VoiceError("it is not said who sings and agreed", hint="name them")
        ranges.require_known("family", self.family, kinds.CONTENT)
        ranges.require_known("content", self.content, families.of(self.family).content)
        ranges.require_known("size", self.size, SIZES)
        ranges.require_least(self, {"steps": 1})
        if self.base:
            ranges.require_known("base", self.base, bases(self.family))


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """How far it is: `cost` once it was measured, `shelved` the step that is on the shelf."""

    asked: Asked
    cost: "Estimate | None" = None
    shelved: int | None = None


def bases(family: str) -> list[str]:
    """Voices on the shelf that a new one of the family can begin with."""
    wanted = families.of(family).card
    return [card.name for card in shelf.cards() if card.family == wanted]


def begin(folder: Path, asked: Asked, recordings: Sequence[Path]) -> Path:
    """Make the folder of a voice in `folder`, and move its recordings there; returns it.

    Raises:
        InputError: No recording is given; else as `Asked.check` does.
        OutputExistsError: It is there already.
        MissingPartError: What trains such a voice is not installed.
        OutputError: It cannot be written.
    """
    asked.check()
    require_parts(asked.family)
    if not recordings:
        raise InputError("no recording is given", hint="give some minutes of one person")
    out = folder / asked.name
    if out.exists():
        raise OutputExistsError(
            f"a training of '{asked.name}' is there already", hint="go on with it, or choose another name"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as own:
            made = Path(own) / asked.name
            (made / RECORDINGS).mkdir(parents=True)
            for path in recordings:
                shutil.move(path, made / RECORDINGS / path.name)
            _write(made, Begun(asked=asked))
            made.rename(out)
    except OSError as error:
        raise unwritten(out, error) from error
    return out


def add(out: Path, recordings: Sequence[Path]) -> None:
    """Move more recordings to a voice of which nothing is trained yet; `prepare` listens to them, too.

    Raises:
        InputError: No recording is given, or something is trained already.
        OutputExistsError: One of that name is there.
        OutputError: It cannot be written.
    """
    if not recordings:
        raise InputError("no recording is given", hint="give some minutes of the same person")
    if steps_done(out):
        raise InputError(
            f"'{out.name}' is trained to step {steps_done(out)} on the recordings that it has",
            hint="train another voice on all of them",
        )
    for path in recordings:
        if (out / RECORDINGS / path.name).exists():
            raise OutputExistsError(f"a recording '{path.name}' is there already", hint="call it otherwise")
    try:
        for path in recordings:
            shutil.move(path, out / RECORDINGS / path.name)
    except OSError as error:
        raise unwritten(out, error) from error


def require_parts(family: str) -> None:
    """Raise `MissingPartError` when what trains voices of the family is not installed."""
    from svcfx.training import engine
    from svcfx.training.cloning.cloning import require_world

    engine.require()
    if family == kinds.PARAMETRIC:
        require_world()


def prepare(out: Path, on_step: "OnStep", on_note: OnNote) -> "Records":
    """Make the dataset of the recordings, or bring it up to date; raises as `dataset.prepare` does."""
    from svcfx.training.prepare import dataset
    from svcfx.training.prepare.settings import Settings
    from svcfx.training.prepare.workers import usual

    asked = read(out).asked
    if asked.content in encoder.WIDTHS and not encoder.is_there(asked.content):
        from svcfx.voices import pulling

        on_step(FETCHING, 0.0)
        pulling.pull(None, replace=False, on_note=on_note)
    settings = Settings(content_encoder=asked.content, consent=asked.consent)
    return dataset.prepare(
        out / RECORDINGS,
        out / DATASET,
        settings,
        singer=asked.name,
        jobs=usual(),
        update=True,
        on_step=on_step,
    )


def measure(out: Path, on_note: OnNote) -> "Estimate":
    """What the training would take from where it is, by a few steps of it; raises as `request.facts` does."""
    from svcfx.training.request import facts

    begun = read(out)
    found = facts(_request(out, begun.asked), on_note)
    _write(out, replace(begun, cost=found))
    return found


def ask(out: Path, steps: int) -> Begun:
    """Have it go on to another number of steps in all; raises `ParamError`."""
    begun = read(out)
    asked = replace(begun.asked, steps=steps)
    ranges.require_least(asked, {"steps": 1})
    return _write(out, replace(begun, asked=asked))


def train(out: Path, on_report: OnReport, on_note: OnNote, is_cancelled: Callable[[], bool] = never) -> Card:
    """Train, or go on, to the steps that are asked for, and put the best voice on the shelf.

    Raises:
        Cancelled: `is_cancelled` says so; what was done is kept.
        SvcfxError: As `request.train` says.
    """
    from svcfx.training import request

    begun = read(out)
    card = request.train(_request(out, begun.asked), on_report, on_note, is_cancelled)
    _write(out, replace(begun, shelved=steps_done(out)))
    return _left(card)


def require_checked(out: Path) -> None:
    """Raise `TrainingError` when there is no best voice yet."""
    if history.look(out).best_step is None:
        raise TrainingError(f"nothing of '{out.name}' was checked yet", hint="let it go on")


def shelve(out: Path, on_note: OnNote) -> Card:
    """Put the best voice so far on the shelf; raises as `require_checked` and `request.train` do."""
    from svcfx.training import request

    require_checked(out)
    begun = read(out)
    done = steps_done(out)
    asked = replace(begun.asked, steps=done)
    card = request.train(_request(out, asked), lambda _: None, on_note)
    _write(out, replace(begun, shelved=done))
    return _left(card)


def take_away(out: Path) -> None:
    """Take the folder away, recordings and all, from one moment to the next; raises `OutputError` when that
    cannot be."""
    try:
        with tempfile.TemporaryDirectory(prefix=".gone-", dir=out.parent) as hidden:
            out.rename(Path(hidden) / out.name)
    except OSError as error:
        raise unwritten(out, error) from error


def steps_done(out: Path) -> int:
    """The step that going on begins at."""
    from svcfx.training import checkpoints

    return max(checkpoints.steps(out), default=0)


def find(folder: Path) -> list[Path]:
    """Voices that were begun in a folder, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{NAME}")) if folder.is_dir() else []


def read(out: Path) -> Begun:
    """What is asked of the voice in a folder, and how far it is.

    Raises:
        TrainingError: It says nothing, or what nobody can read.
    """
    from svcfx.training.estimate import Estimate

    try:
        document = json.loads((out / NAME).read_text("utf-8"))
        if document.pop("format") != FORM:
            raise ValueError(f"it is not {FORM}")
        cost = document["cost"]
        return Begun(
            asked=Asked(**document["asked"]),
            cost=None if cost is None else Estimate(**cost),
            shelved=document["shelved"],
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TrainingError(f"'{out / NAME}' cannot be read: {error}", hint="begin it anew") from error


def check_every(asked: Asked) -> int:
    """Steps between two checks."""
    return int(_settled(asked)["check_every"])


def _settled(asked: Asked) -> dict[str, Any]:
    return kinds.settled(asdict(asked))


def _request(out: Path, asked: Asked) -> "TrainingRequest[Any]":
    """The same as of the command line, on one device: more would start this program again on each."""
    made: TrainingRequest[Any] = kinds.voice_request(out / DATASET, out, {**_settled(asked), "devices": 1})
    return made


def _left(card: Card | None) -> Card:
    assert card is not None, "one device trains, and it is the first"
    return card


def _write(out: Path, begun: Begun) -> Begun:
    with atomic(out / NAME) as temporary:
        temporary.write_text(json.dumps({"format": FORM, **asdict(begun)}, indent=1) + "\n", encoding="utf-8")
    return begun
