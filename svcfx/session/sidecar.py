"""A file's result with its recipe beside it, and the result that lies there already."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.errors import SvcfxError
from svcfx.events import Note
from svcfx.session import recipe, stale
from svcfx.session.recipe import DEFAULT_ENCODING, Input, Recipe
from svcfx.session.results import FileResult
from svcfx.session.sources import Source

if TYPE_CHECKING:
    from svcfx.session.isolate import Destination, FileEffect, Processed
    from svcfx.session.turns import FileTask


def left(task: "FileTask", effect: "FileEffect", output: "Destination") -> FileResult:
    """A result that is there already, with a warning when it was made with other settings."""
    source, step = task.source, task.step
    found = None
    if step.source.is_file() and not stale.is_same(step.target, task.key):
        found = stale.note(step.target, wanted(source, effect, output))
    notes = (found,) if found else ()
    return FileResult(source.label, step.source, step.target, "skipped", notes=notes)


def wanted(
    source: Source,
    effect: "FileEffect",
    output: "Destination",
    chosen: Mapping[str, float] | None = None,
    notes: Sequence[Note] = (),
) -> Recipe:
    """What the sidecar of one file says, but for the keys and hashes of its result."""
    facts = Input(file=source.label, sha256=recipe.file_sha256(source.path))
    extra = {"chosen": dict(chosen)} if chosen else {}
    written = {"encoding": output.encoding} if output.encoding != DEFAULT_ENCODING else {}
    return effect.recipe.model_copy(
        update={
            "title": Path(source.label).stem,
            "inputs": [facts, *effect.recipe.inputs],
            "settings": {**effect.recipe.settings, **written, **extra},
            "notes": [note.text for note in (*effect.notes, *notes)],
            "versions": recipe.versions(),
        }
    )


def save(
    task: "FileTask", effect: "FileEffect", output: "Destination", sample_rate: int, made: "Processed"
) -> None:
    """Write result and sidecar, both or none.

    Raises:
        SvcfxError: The source changed, or went away, while it was rendered.
    """
    try:
        whole = wanted(task.source, effect, output, made.chosen, made.notes)
    except OSError as error:
        raise SvcfxError(f"'{task.source.label}' went away while it was rendered") from error
    if task.sha256 and whole.inputs[0].sha256 != task.sha256:
        raise SvcfxError(f"'{task.source.label}' changed while it was rendered", hint="render it again")
    whole = whole.model_copy(update={"key": task.key})
    recipe.write_with(task.step.target, made.samples, sample_rate, output.encoding, whole)
