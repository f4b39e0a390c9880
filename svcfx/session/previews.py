"""The most sung seconds of each file of a run, rendered before the run itself, to be heard early."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx import audio
from svcfx.errors import AudioFileError
from svcfx.session import excerpt, run
from svcfx.session.isolate import Destination, FileEffect
from svcfx.session.results import FileResult
from svcfx.session.run import Going, RunRow
from svcfx.session.sources import Source

FOLDER = "previews"
"""Where they lie among the results."""


@dataclass(frozen=True, slots=True)
class Previews:
    """How many seconds of each file, and who is told what became of each."""

    seconds: float
    on_result: Callable[[FileResult], None]

    def render(self, rows: Sequence[RunRow], output: Destination, going: Going) -> None:
        """Render those of the files that are due; one that cannot be read is left to the run itself.

        Raises:
            InputError: What the run would be refused for.
        """
        if going.get("dry_run", False):
            return
        entry = going.get("entry")
        tasks = run.plan(rows, output, entry.finished if entry else ())
        due = [row for row, task in zip(rows, tasks, strict=True) if not task.step.skipped]
        with tempfile.TemporaryDirectory(prefix="svcfx-preview-") as folder:
            cut = {
                number: source
                for number, row in enumerate(due)
                if (source := self._cut(row.source, Path(folder, str(number)))) is not None
            }
            effects = {id(effect): _of(effect, due, cut) for effect in run.effects_of(due)}
            found = [
                replace(due[number], source=source, effect=effects[id(due[number].effect)])
                for number, source in cut.items()
            ]
            if found:
                where = replace(output, path=output.folder / FOLDER, on_exists="overwrite")
                alike: Going = {**going, "on": "", "entry": None, "on_result": self.on_result}
                run.run(found, where, **alike)

    def _cut(self, source: Source, folder: Path) -> Source | None:
        """The most sung seconds of a file as one of its own; None where it is no audio."""
        try:
            start, end = excerpt.of_file(source.path, self.seconds)
            rate = audio.probe(source.path).sample_rate
            part = audio.read_part(source.path, round(start * rate), round((end - start) * rate))
        except AudioFileError:
            return None
        path = folder / f"{source.path.stem}.wav"
        audio.write(path, part.samples, part.sample_rate, encoding="float")
        return replace(source, path=path)


def _of(effect: FileEffect, rows: Sequence[RunRow], cut: dict[int, Source]) -> FileEffect:
    """The effect with what was chosen for whole files chosen for what is cut of them."""
    chosen = {source.path: effect.of(rows[number].source) for number, source in cut.items()}
    return replace(effect, chosen=chosen)
