"""Renders that the page asked for: one at a time, each of the session as it stood when it was asked for."""

import itertools
import os
import shutil
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from svcfx.errors import UnknownNameError
from svcfx.events import Note, Progress
from svcfx.render.store import Store
from svcfx.session import document as documents
from svcfx.session import editing, levels, named_presets
from svcfx.session.bounce import bounce
from svcfx.session.document import Document
from svcfx.session.editing import Change
from svcfx.session.levels import Known, StripLevels
from svcfx.ui.host import Host
from svcfx.ui.worker import Work, WorkThread

KEPT = 10
"""How many renders are kept, the newest among them, to be compared by ear."""
_AS_HEARD = (
    Change(("output", "encoding"), "pcm24"),
    Change(("output", "formats"), ["wav"]),
    Change(("output", "stems"), True),
)
"""What the page can play, whatever the session writes in the end."""


@dataclass(slots=True, kw_only=True)
class Job(Work):
    """One render. `bars` is None for the whole song; `folder` holds its files."""

    document: Document
    bars: str | None
    folder: Path
    strip: str = ""
    notes: tuple[Note, ...] = ()
    levels: StripLevels | None = None
    mix: Path | None = None
    stems: dict[str, Path] = field(default_factory=dict)

    def file(self, strip: str | None) -> Path:
        """The audio of a strip as it sounds in the mix, or of the mix.

        Raises:
            UnknownNameError: It was not rendered.
        """
        found = self.mix if strip is None else self.stems.get(strip)
        if found is None or not found.is_file():
            what = "mix" if strip is None else f"strip '{strip}'"
            raise UnknownNameError(f"render {self.number} has no {what}", hint="render again")
        return found


class Jobs:
    """Every render that is kept, made by `worker`, or by `host` where VST3s are to be opened. With a `store`,
    what did not change is not made again."""

    def __init__(
        self, folder: Path, worker: WorkThread, store: Store | None = None, host: Host | None = None
    ) -> None:
        self.folder = folder
        self._worker = worker
        self._store = store
        self._host = host or Host()
        self._levels: Known = {}
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}

    def ask(self, document: Document, bars: str | None = None) -> Job:
        """Queue a render of the session as it stands."""
        self._forget()
        number = next(self._numbers)
        folder = self.folder / "renders" / f"{number:04d}"
        job = Job(number=number, document=document, bars=bars, folder=folder)
        self._jobs[number] = job
        self._worker.ask(job, lambda: self._render(job))
        return job

    def all(self) -> list[Job]:
        """Every job that is kept, the newest first."""
        return sorted(self._jobs.values(), key=lambda job: -job.number)

    def find(self, number: int) -> Job:
        """The job of that number.

        Raises:
            UnknownNameError: There is none, or it was one of long ago.
        """
        found = self._jobs.get(number)
        if found is None:
            raise UnknownNameError(f"there is no render {number}", hint=f"the last {KEPT} are kept")
        return found

    def before(self, job: Job) -> Job | None:
        """The render that was asked for before it, if it is kept."""
        return next((one for one in self.all() if one.number < job.number), None)

    def cancel(self, number: int) -> Job:
        """Ask a job to stop; one that is over stays as it is."""
        job = self.find(number)
        job.cancel()
        return job

    def close(self) -> None:
        """Stop what runs."""
        for job in self.all():
            job.cancel()

    def _render(self, job: Job) -> None:
        """Bounce a copy of the session that has each strip written too, and measure what came out."""
        asked = editing.edited(job.document, _AS_HEARD)
        copy = asked.path.parent / f".studio-{os.getpid()}-{job.number}.toml"

        def on_progress(at: Progress) -> None:
            job.stage, job.strip, job.done_fraction = at.stage, at.stem, 0.97 * at.done_fraction

        try:
            documents.save(asked, copy)
            render = partial(
                bounce,
                copy,
                job.folder,
                bars=job.bars,
                on_exists="overwrite",
                on_progress=on_progress,
                is_cancelled=job.asked_to_stop.is_set,
                store=self._store,
            )
            done = self._host.do(render) if named_presets.hold_plugins(asked) else render()
        finally:
            copy.unlink(missing_ok=True)
        job.notes, job.mix = done.notes, done.mix[0]
        job.stems = levels.by_name(job.document, done.stems, job.bars)
        job.stage, job.strip = "measure", ""
        job.levels = levels.measure(job.document, job.bars, job.mix, job.stems, self._levels)
        job.done_fraction = 1.0

    def _forget(self) -> None:
        """Make room for one more: let go of those before the last renders that are over, files and all."""
        over = [job for job in self.all() if job.is_over]
        for job in over[KEPT - 1 :]:
            self._jobs.pop(job.number, None)  # two may ask at once
            shutil.rmtree(job.folder, ignore_errors=True)
