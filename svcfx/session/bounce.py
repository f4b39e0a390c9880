"""Bounce a session: render its stems, mix, master, write. The one call behind `svcfx render`."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from svcfx.audio import Samples
from svcfx.events import Kept, Note, OnProgress, Progress, never, unheard
from svcfx.render.steps import Steps
from svcfx.render.store import Memory, Store
from svcfx.session import document as documents
from svcfx.session import keyed, made, needed, plan, repeat, strip_render, writing
from svcfx.session.document import Document
from svcfx.session.listening import BounceListener, MixHeard
from svcfx.session.needed import Needed
from svcfx.session.outputs import OnExists
from svcfx.session.plan import Plan
from svcfx.session.strip_render import StripRender
from svcfx.session.summing import Summing
from svcfx.session.writing import Targets


@dataclass(frozen=True, slots=True)
class Bounced:
    """What a bounce left behind. `lufs` and `dbtp` are the mix's, -inf when it is silent."""

    mix: tuple[Path, ...]
    stems: tuple[Path, ...]
    skipped: tuple[Path, ...]
    notes: tuple[Note, ...]
    lufs: float
    dbtp: float
    audio_seconds: float
    work_seconds: float
    steps: Steps = field(default_factory=Steps)

    def figures(self) -> dict[str, float | None]:
        """Loudness, true peak and times as plain numbers; what cannot be measured is None."""
        values = {
            "integrated_lufs": self.lufs,
            "true_peak_dbtp": self.dbtp,
            "audio_seconds": self.audio_seconds,
            "work_seconds": self.work_seconds,
        }
        return {name: round(value, 2) if math.isfinite(value) else None for name, value in values.items()}

    def _repr_html_(self) -> str:
        """What a notebook shows: the mix to be heard, pitch of what was sung, figures, notes, files."""
        from svcfx.session import bounced_html  # here: a render shows none

        return bounced_html.html(self)

    def summary(self) -> str:
        """One line for a person."""
        if not self.mix and not self.stems:
            others = sum(note.code == "made-otherwise" for note in self.notes)
            if others:
                return f"nothing was done: every file is there already, {others} made with other settings"
            return "nothing to do: every file is there already"
        level = f"{self.lufs:.1f} LUFS, {self.dbtp:.1f} dBTP"
        there = self.steps.summary()
        said = f"{self.audio_seconds:.1f} s of music in {self.work_seconds:.1f} s; {level}"
        return f"{said}; {there}" if there else said


def bounce(
    session: Path | str | Document,
    out: Path | str | None = None,
    *,
    bars: str | None = None,
    on_exists: OnExists = "error",
    allow_paths: Sequence[Path] = (),
    allow_plugins: Sequence[Path] = (),
    device: str = "",
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    store: Store | None = None,
    listener: BounceListener | None = None,
    jobs: int = 1,
) -> Bounced:
    """Render the session file `session` into the folder `out` (default `renders/<session>/`).

    Args:
        session: A session file, or a session as `document.load` or `document.parse` gave it.
        out: Where the files go.
        bars: Only these bars, such as "17-25", as they sound in the whole song. Of that is made what they
            need: all of it where its loudness is asked for.
        on_exists: What to do where a file is there already.
        allow_paths: Folders outside its own that the session may read.
        allow_plugins: Plug-in files that its presets may load by path.
        device: Where networks of voices run, such as "cpu"; "" is where each runs by itself.
        on_progress: Is told how far the work is.
        is_cancelled: Is asked now and then whether to stop; then nothing is left behind.
        store: Where results of steps lie, such as `render.files.Files`: what stands there is not made again,
            and the files are the same to the byte. None makes everything, but hears a recording once for all
            its parts.
        listener: Hears every strip and the mix, also where all files are there already, if it wants to.
        jobs: Processes that share the stems, and the phrases of so-vits-svc and RVC voices, where there is a
            store on disk through which they hand them on and the whole song is asked for.

    Raises:
        SvcfxError: Anything that is wrong; no partial file is left.
    """
    started = time.monotonic()
    read = (
        session if isinstance(session, Document) else documents.load(Path(session), allow_paths=allow_paths)
    )
    steps = Steps(store)
    planned = plan.make(read, bars=bars, allow_plugins=allow_plugins, device=device)
    steps.heard = Memory() if planned.has_parts else None
    renders = strip_render.of_plan(planned, steps, is_cancelled)
    keys = keyed.of_files(planned, renders, steps)
    targets = writing.targets(planned, None if out is None else Path(out), bars, on_exists, lambda: keys)
    skipped = tuple(item.target for item in targets.every if item.skipped)
    planned = replace(planned, notes=(*planned.notes, *made.left(planned, targets)))
    wanted = listener is not None and listener.begin(planned, targets, keys[keyed.MIX])
    if targets.all_skipped and not wanted:
        return Bounced((), (), skipped, planned.notes, float("nan"), float("nan"), 0.0, 0.0)
    _open(renders)
    if jobs > 1 and store is not None and bars is None:
        from svcfx.session import together  # here: most songs are sung by one

        ahead = together.Singing(read, tuple(allow_plugins), device, store)
        on_progress = together.ahead(planned, renders, ahead, jobs, on_progress, is_cancelled)
    with writing.all_or_nothing(targets) as written:
        work = _Bounce(planned, renders, keys, targets, on_progress, is_cancelled, written, steps)
        work.listener = listener if wanted else None
        return work.run(started, skipped)


def _open(renders: tuple[StripRender, ...]) -> None:
    """Have voices that will sing at hand, so that a damaged one is found before any sings, and what the first
    of them hears."""
    from concurrent.futures import ThreadPoolExecutor  # here: where all is there already, none is needed

    if dear := [render for render in renders if render.is_dear]:
        with ThreadPoolExecutor(1, "reading") as aside:
            aside.submit(dear[0].read_ahead)
            for render in dear:
                render.open()


def _of_store(steps: Steps) -> list[Note]:
    """What there is to say of the store, in which all is kept now, and of what it cannot keep."""
    if steps.store is None:
        return []
    steps.settle()
    fresh = [f"{why} and is played each time" for why in steps.fresh]
    return [Note("cache", said) for said in (*steps.store.trouble(), *fresh)]


class _Bounce:
    """One bounce, and what there is to say of it."""

    def __init__(
        self,
        planned: Plan,
        renders: tuple[StripRender, ...],
        keys: Mapping[str, str],
        targets: Targets,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        written: list[Path],
        steps: Steps,
    ) -> None:
        self.steps, self.renders = steps, renders
        self.plan, self.targets, self.written = planned, targets, written
        self.on_progress, self.is_cancelled = on_progress, is_cancelled
        self.summing = Summing(planned, renders, keys, targets, written, steps, on_progress)
        self.notes = list(planned.notes)
        self.listener: BounceListener | None = None
        self.part: tuple[int, int] | None = None

    def _ask(self) -> None:
        """Have no more made than the bars need, where nobody listens to the rest."""
        asked = needed.of(self.plan, self.renders) if self.listener is None else Needed()
        for render in self.renders:
            render.wanted = asked.spans.get(render.strip.name)
        self.part = self.plan.cut if asked.is_part else None
        unmade = {render.strip.name for render in self.renders if not self.steps.holds(render.key)}
        for name, said in asked.why.items():
            if name in unmade or (not name and unmade):
                self.notes.append(Note("whole-song", said))

    def run(self, started: float, skipped: tuple[Path, ...]) -> Bounced:
        steps = len(self.renders) + 2
        self.summing.listener = self.listener
        self._ask()
        with self.summing.writer():
            self.summing.every()
            self.notes.extend(self.summing.notes)
            self.notes.extend(repeat.notes(self.plan, self.steps))
            self.on_progress(Progress("master", "", (steps - 2) / steps))
            began = time.monotonic()
            heard_master = Kept(is_cancelled=self.is_cancelled)
            from svcfx.session import mastering  # here: what is there already is not measured again

            mastered = mastering.mastered(self.plan, self.summing.mix.samples, heard_master, self.part)
            self.notes.extend(replace(note, text=f"master: {note.text}") for note in heard_master.notes)
            self.notes.extend(mastered.notes)
            stems = self.summing.stems()
        kept = self._cut(mastered.samples)
        self.on_progress(Progress("write", "", (steps - 1) / steps))
        stretcher, key = "+".join(sorted(self.summing.stretchers)), self.summing.keys[keyed.MIX]
        recipe = made.of_mix(self.plan, self.notes, mastered, stretcher, key)
        mix = writing.write_all(self.targets.mix, lambda: kept, self.plan, recipe, self.written)
        if self.listener is not None:
            self.listener.mix(MixHeard(kept, time.monotonic() - began, recipe))
        self.on_progress(Progress("done", "", 1.0))
        seconds = kept.shape[1] / self.plan.sample_rate
        took = time.monotonic() - started
        notes = (*self.notes, *_of_store(self.steps))
        levels = mastered.lufs, mastered.dbtp
        return Bounced(mix, stems, skipped, notes, *levels, seconds, took, self.steps)

    def _cut(self, samples: Samples) -> Samples:
        if self.plan.cut is None or self.part is not None:
            return samples
        first, last = self.plan.cut
        return samples[:, first:last]
