"""The strips of a song, rendered and added up; stems' own files are written behind that."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svcfx.audio import Samples
from svcfx.events import Note, OnProgress, Progress, never, unheard
from svcfx.keeping import afresh
from svcfx.render.steps import Steps
from svcfx.session import headroom, made, mixdown, tails, writing
from svcfx.session.listening import BounceListener, StripHeard
from svcfx.session.mixdown import Faded
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.session.strip_render import Rendered, StripRender
from svcfx.session.sums import StripSum
from svcfx.session.writing import Targets

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class Summing:
    """The growing sums of a song, and what there is to say of its strips.

    `mix` is what the master hears. `keys` are those of the files, all "" once a recording changed while it
    was read.
    """

    def __init__(
        self,
        planned: Plan,
        renders: tuple[StripRender, ...],
        keys: Mapping[str, str],
        targets: Targets,
        written: list[Path],
        steps: Steps,
        on_progress: OnProgress,
    ) -> None:
        self.plan, self.renders, self.keys, self.steps = planned, renders, keys, steps
        self.targets, self.written, self.on_progress = targets, written, on_progress
        self.mix = StripSum(planned, MASTER, renders)
        self.sums = {MASTER: self.mix}
        self.sums |= {one.strip.name: one.source for one in renders if isinstance(one.source, StripSum)}
        self.stretchers: set[str] = set()
        self.listener: BounceListener | None = None
        self._said: dict[int, tuple[Note, ...]] = {}
        self._stems: dict[int, Future[tuple[Path, ...]]] = {}
        self._writer: ThreadPoolExecutor | None = None

    @property
    def notes(self) -> list[Note]:
        """What there is to say of the strips, in their order."""
        return [note for _, said in sorted(self._said.items()) for note in said]

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Write stems' own files by a thread of their own for as long as the block lasts."""
        from concurrent.futures import ThreadPoolExecutor  # here: where all is there already, none is needed

        with ThreadPoolExecutor(1, "stems") as self._writer:
            yield

    def stems(self) -> tuple[Path, ...]:
        """Stems' own files, once all are written; raises what writing one raised."""
        return tuple(path for _, files in sorted(self._stems.items()) for path in files.result())

    def every(self) -> None:
        """Render and sum every strip. Stems that are kept, and beside voices those that nobody sings, are
        left to a thread of their own; who listens hears all in their order."""
        of_stems = [number for number, render in enumerate(self.renders) if render.strip.clip]
        light = self._beside(of_stems) if self.listener is None else []
        from concurrent.futures import ThreadPoolExecutor  # here: as above

        stopped = threading.Event()
        for number in light:
            self.renders[number].give_up_if(stopped.is_set)
        with ThreadPoolExecutor(1, "beside") as aside:
            try:
                beside = aside.submit(self._each, light, unheard, stopped.is_set)
                self._each([number for number in of_stems if number not in light], self.on_progress)
                beside.result()
            except BaseException:
                stopped.set()
                raise
        self._each(range(len(of_stems), len(self.renders)), self.on_progress)

    def _beside(self, numbers: Sequence[int]) -> list[int]:
        """Those of the strips that are done while the others are at work."""
        kept = [number for number in numbers if self.steps.holds(self.renders[number].key)]
        sings = any(self.renders[number].is_dear for number in numbers)
        light = [number for number in numbers if self.renders[number].is_light] if sings else kept
        return light if len(light) < len(numbers) else []

    def _each(
        self, numbers: Sequence[int], on_progress: OnProgress, stopped: Callable[[], bool] = never
    ) -> None:
        for number, after in zip_longest(numbers, numbers[1:]):
            if stopped():
                return
            if after is not None:  # read while this one is summed
                self.steps.ahead(self.renders[after].key)
            self._said[number] = self._one(number, on_progress).notes

    def _one(self, number: int, on_progress: OnProgress) -> Rendered:
        """Render a strip, give it to those that hear it, and have it written."""
        render, rate, steps = self.renders[number], self.plan.sample_rate, len(self.renders) + 2
        strip = render.strip
        stage = "stem" if strip.clip else strip.role

        def tell(at: Progress) -> None:
            on_progress(Progress(stage, strip.name, (number + at.done_fraction) / steps))

        tell(Progress("", "", 0.0))
        before, began = dict(self.steps.seconds), time.monotonic()
        rendered = render.rendered(tell)
        took = time.monotonic() - began
        if render.has_changed:  # its file changed while it was read
            self.keys = dict.fromkeys(self.keys, "")
        if rendered.stretcher:
            self.stretchers.add(rendered.stretcher)
        faded = Faded(rendered.samples, rate, strip.start_seconds, strip.lanes.fader)
        longer = f"raise master.tail_seconds, {self.plan.document.session.master.tail_seconds:g} s now"
        cut = tails.notes(faded, rate, rendered.ringing, strip.label, longer)
        rendered = replace(rendered, notes=(*rendered.notes, *cut))
        if self.listener is not None:
            now = self.steps.seconds.items()
            stages = {
                kind: took - before.get(kind, 0.0) for kind, took in now if took > before.get(kind, 0.0)
            }
            self.listener.strip(StripHeard(render, faded, rendered.start_frame, took, stages))
        for name, given in mixdown.given(strip, faded):
            self.sums[name].add(given, rendered.start_frame)
        return self._written(number, rendered, faded) if strip.name in self.targets.stems else rendered

    def _written(self, number: int, rendered: Rendered, faded: Faded) -> Rendered:
        """A stem whose own file is written behind the last ones', with what there is to say of that."""
        stem = self.renders[number].strip
        group, encoding = self.targets.stems[stem.name], self.plan.document.session.output.encoding
        first, last = self.plan.cut or (0, self.plan.frames)
        gain, down = np.float32(1.0), list[Note]()
        if headroom.clips([item.target for item in group], encoding):
            start = rendered.start_frame
            gain, down = headroom.turned(self._peak(stem, faded, max(first - start, 0), last - start))
        down = [replace(note, text=f"{stem.label}: its own file is {note.text}") for note in down]
        rendered = replace(rendered, notes=(*rendered.notes, *down))
        recipe = made.of_stem(self.plan, stem, rendered, self.keys[stem.name])

        def samples() -> Samples:
            laid = faded.laid(rendered.start_frame, first, last)
            return np.multiply(laid, gain, out=laid) if down else laid

        for before in list(self._stems.values())[:-1]:  # one waits, so that strips do not pile up
            before.result()
        assert self._writer is not None
        self._stems[number] = self._writer.submit(
            writing.write_all, group, samples, self.plan, recipe, self.written, leave_same=True
        )
        return rendered

    def _peak(self, stem: Strip, faded: Faded, first: int, last: int) -> float:
        """The peak of a stem's own file, frames `first` to `last`, which is looked for once."""
        key = self.keys[stem.name]
        keep = self.steps.part if key else afresh
        return float(
            keep("peak", 1, (key,), lambda: {"peak": np.array(faded.peak(first, last))})["peak"].item()
        )
