"""A file's result with its recipe beside it, and the result that lies there already."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.events import Note
from svcfx.session import recipe, stale
from svcfx.session.outputs import Planned
from svcfx.session.recipe import DEFAULT_ENCODING, Input, Recipe
from svcfx.session.results import FileResult
from svcfx.session.sources import Source

if TYPE_CHECKING:
    from svcfx.session.isolate import Effect, Made, Output


def left(source: Source, step: Planned, effect: "Effect", output: "Output") -> FileResult:
    """A result that is there already, with a warning when it was made with other settings."""
    found = None
    if step.source.is_file():
        found = stale.note(step.target, _recipe(source, step, effect, output, {}, ()))
    notes = (found,) if found else ()
    return FileResult(source.label, step.source, step.target, "skipped", notes=notes)


def _recipe(
    source: Source,
    step: Planned,
    effect: "Effect",
    output: "Output",
    chosen: Mapping[str, float],
    notes: Sequence[Note],
) -> Recipe:
    """What the sidecar of one file says."""
    facts = Input(file=source.label, sha256=recipe.file_sha256(step.source))
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
    source: Source, step: Planned, effect: "Effect", output: "Output", sample_rate: int, made: "Made"
) -> None:
    """Write result and sidecar, both or none."""
    whole = _recipe(source, step, effect, output, made.chosen, made.notes)
    recipe.write_with(step.target, made.samples, sample_rate, output.encoding, whole)
