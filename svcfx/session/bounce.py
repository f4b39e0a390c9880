"""Bounce a session: render its stems, mix, master, write. The one call behind `svcfx render`."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from svcfx.audio import Samples
from svcfx.events import Kept, Note, OnProgress, Progress, never, unheard
from svcfx.keeping import afresh
from svcfx.render.steps import Steps
from svcfx.render.store import Memory, Store
from svcfx.session import document as documents
from svcfx.session import headroom, keyed, made, mixdown, plan, repeat, strip_render, tails, writing
from svcfx.session.document import Document
from svcfx.session.listening import Listener, MixHeard, StripHeard
from svcfx.session.mixdown import Faded
from svcfx.session.outputs import OnExists
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.session.strip_render import Rendered, StripRender
from svcfx.session.sums import Sum
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
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    store: Store | None = None,
    listener: Listener | None = None,
) -> Bounced:
    """Render the session file `session` into the folder `out` (default `renders/<session>/`).

    Args:
        session: A session file, or a session as `document.load` or `document.parse` gave it.
        out: Where the files go.
        bars: Keep only these bars, such as "17-25"; they are cut from the whole song's render.
        on_exists: What to do where a file is there already.
        allow_paths: Folders outside its own that the session may read.
        allow_plugins: Plug-in files that its presets may load by path.
        on_progress: Is told how far the work is.
        is_cancelled: Is asked now and then whether to stop; then nothing is left behind.
        store: Where results of steps lie, such as `render.files.Files`: what stands there is not made again,
            and the files are the same to the byte. None makes everything, but hears a recording once for all
            its parts.
        listener: Hears every strip and the mix, also where all files are there already, if it wants to.

    Raises:
        SvcfxError: Anything that is wrong; no partial file is left.
    """
    started = time.monotonic()
    read = (
        session if isinstance(session, Document) else documents.load(Path(session), allow_paths=allow_paths)
    )
    steps = Steps(store)
    planned = plan.make(read, bars=bars, allow_plugins=allow_plugins)
    steps.heard = Memory() if planned.has_parts else None
    renders = strip_render.of_plan(planned, steps, is_cancelled)
    keys = keyed.of_files(planned, renders, steps)
    targets = writing.targets(planned, None if out is None else Path(out), bars, on_exists, lambda: keys)
    skipped = tuple(item.target for item in targets.every if item.skipped)
    planned = replace(planned, notes=(*planned.notes, *made.left(planned, targets)))
    wanted = listener is not None and listener.begin(planned, targets, keys[keyed.MIX])
    if targets.all_skipped and not wanted:
        return Bounced((), (), skipped, planned.notes, float("nan"), float("nan"), 0.0, 0.0)
    for render in renders:
        render.open()
    with writing.all_or_nothing(targets) as written:
        work = _Bounce(planned, renders, keys, targets, on_progress, is_cancelled, written, steps)
        work.listener = listener if wanted else None
        return work.run(started, skipped)


def _of_store(steps: Steps) -> list[Note]:
    """What there is to say of the store, in which all is kept now, and of what it cannot keep."""
    if steps.store is None:
        return []
    steps.settle()
    fresh = [f"{why} and is played each time" for why in steps.fresh]
    return [Note("cache", said) for said in (*steps.store.trouble(), *fresh)]


class _Bounce:
    """The state of one bounce: the growing sums and what there is to say."""

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
        self.steps, self.renders, self.keys = steps, renders, keys
        self.plan, self.targets, self.written = planned, targets, written
        self.on_progress, self.is_cancelled = on_progress, is_cancelled
        self.mix = Sum(planned, MASTER, renders)
        self.sums = {MASTER: self.mix}
        self.sums |= {one.strip.name: one.source for one in renders if isinstance(one.source, Sum)}
        self.notes = list(planned.notes)
        self.stretchers: set[str] = set()
        self.stems: tuple[Path, ...] = ()
        self.listener: Listener | None = None

    def run(self, started: float, skipped: tuple[Path, ...]) -> Bounced:
        steps = len(self.renders) + 2
        for number, render in enumerate(self.renders):
            for after in self.renders[number + 1 : number + 2]:  # read while this one is summed
                self.steps.ahead(after.key)
            self._one(render, number, steps)
        self.notes.extend(repeat.notes(self.plan, self.steps))
        self.on_progress(Progress("master", "", (steps - 2) / steps))
        began = time.monotonic()
        heard_master = Kept(is_cancelled=self.is_cancelled)
        from svcfx.session import mastering  # here: what is there already is not measured again

        mastered = mastering.mastered(self.plan, self.mix.samples, heard_master)
        self.notes.extend(replace(note, text=f"master: {note.text}") for note in heard_master.notes)
        self.notes.extend(mastered.notes)
        kept = self._cut(mastered.samples)
        self.on_progress(Progress("write", "", (steps - 1) / steps))
        recipe = made.of_mix(
            self.plan, self.notes, mastered, "+".join(sorted(self.stretchers)), self.keys[keyed.MIX]
        )
        mix = writing.write_all(self.targets.mix, lambda: kept, self.plan, recipe, self.written)
        if self.listener is not None:
            self.listener.mix(MixHeard(kept, time.monotonic() - began, recipe))
        self.on_progress(Progress("done", "", 1.0))
        seconds = kept.shape[1] / self.plan.sample_rate
        took = time.monotonic() - started
        notes = (*self.notes, *_of_store(self.steps))
        levels = mastered.lufs, mastered.dbtp
        return Bounced(mix, self.stems, skipped, notes, *levels, seconds, took, self.steps)

    def _one(self, render: StripRender, number: int, steps: int) -> None:
        strip, rate = render.strip, self.plan.sample_rate
        stage = "stem" if strip.clip else strip.role

        def tell(at: Progress) -> None:
            self.on_progress(Progress(stage, strip.name, (number + at.done_fraction) / steps))

        tell(Progress("", "", 0.0))
        known, before, began = render.key, dict(self.steps.seconds), time.monotonic()
        rendered = render.rendered(tell)
        took = time.monotonic() - began
        if rendered.key != known:  # its file changed while it was read
            self.keys = dict.fromkeys(self.keys, "")
        if rendered.stretcher:
            self.stretchers.add(rendered.stretcher)
        faded = Faded(rendered.samples, rate, strip.start_seconds, strip.lanes.fader)
        longer = f"raise master.tail_seconds, {self.plan.document.session.master.tail_seconds:g} s now"
        cut = tails.notes(faded, rate, rendered.ringing, strip.label, longer)
        rendered = replace(rendered, notes=(*rendered.notes, *cut))
        self.notes.extend(rendered.notes)
        if self.listener is not None:
            now = self.steps.seconds.items()
            stages = {
                kind: took - before.get(kind, 0.0) for kind, took in now if took > before.get(kind, 0.0)
            }
            self.listener.strip(StripHeard(render, faded, rendered.start_frame, took, stages))
        for name, given in mixdown.given(strip, faded):
            self.sums[name].add(given, rendered.start_frame)
        if strip.name in self.targets.stems:
            self._write_stem(strip, rendered, faded)

    def _write_stem(self, stem: Strip, rendered: Rendered, faded: Faded) -> None:
        group, encoding = self.targets.stems[stem.name], self.plan.document.session.output.encoding
        first, last = self.plan.cut or (0, self.plan.frames)
        gain, down = np.float32(1.0), list[Note]()
        if headroom.clips([item.target for item in group], encoding):
            start = rendered.start_frame
            gain, down = headroom.turned(self._peak(stem, faded, max(first - start, 0), last - start))
        down = [replace(note, text=f"{stem.label}: its own file is {note.text}") for note in down]
        self.notes.extend(down)
        rendered = replace(rendered, notes=(*rendered.notes, *down))
        recipe = made.of_stem(self.plan, stem, rendered, self.keys[stem.name])

        def samples() -> Samples:
            laid = faded.laid(rendered.start_frame, first, last)
            return laid * gain if down else laid

        self.stems += writing.write_all(group, samples, self.plan, recipe, self.written, leave_same=True)

    def _peak(self, stem: Strip, faded: Faded, first: int, last: int) -> float:
        """The peak of a stem's own file, frames `first` to `last`, which is looked for once."""
        key = self.keys[stem.name]
        keep = self.steps.part if key else afresh
        return float(
            keep("peak", 1, (key,), lambda: {"peak": np.array(faded.peak(first, last))})["peak"].item()
        )

    def _cut(self, samples: Samples) -> Samples:
        if self.plan.cut is None:
            return samples
        first, last = self.plan.cut
        return samples[:, first:last]
