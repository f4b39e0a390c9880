"""Render strips: what each hears, the octave of its singers, its board, and back to its own loudness."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.errors import SvcfxError
from svcfx.events import Kept, Note, OnProgress, never, unheard
from svcfx.render import engine, keys, reach
from svcfx.render.job import Job, Later
from svcfx.render.reach import Span
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents, singers, tails
from svcfx.session.clip import Clip
from svcfx.session.mixdown import CHANNELS, EMPTY
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip
from svcfx.session.sums import StripSum

if TYPE_CHECKING:
    from svcfx.board import Board

VERSION = 3
LONG_SECONDS = 900.0
"""A strip this long is not given up within a moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A strip before its fader, shape (2, frames), from `start_frame` to the end of the mix.

    From frame `ringing` on only effects sound.
    """

    samples: NDArray[np.floating]
    start_frame: int
    notes: tuple[Note, ...]
    stretcher: str
    ringing: int


def render(
    plan: Plan,
    strip: Strip,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    steps: Steps | None = None,
) -> Rendered:
    """Render a stem as `plan` says, on a board of its own; what `steps` has in its store is not made again.

    Raises:
        SvcfxError: Its file cannot be read, or an effect failed.
        Cancelled: `is_cancelled` says so.
    """
    return StripRender(plan, strip, steps or Steps(), is_cancelled).rendered(on_progress)


def of_plan(plan: Plan, steps: Steps, is_cancelled: Callable[[], bool] = never) -> "tuple[StripRender, ...]":
    """Every strip of a plan that sounds, but the master, on a board of its own, behind those that feed it."""
    made: list[StripRender] = []
    for strip in (*plan.heard, *plan.heard_buses):
        made.append(StripRender(plan, strip, steps, is_cancelled, feeding(strip.name, made)))
    return tuple(made)


def feeding(name: str, renders: "Iterable[StripRender]") -> "tuple[StripRender, ...]":
    """Those that go or send to the strip called `name`."""
    return tuple(
        render
        for render in renders
        if name == render.strip.to or any(name == send.to for send in render.strip.sends)
    )


class _Changed(Exception):
    """A file changed while it was read."""


@dataclass(slots=True)
class StripRender:
    """One strip on its way through its board; `source` is what it hears, its clip or a sum.

    Its key is known before anything is rendered; what there is to say gathers in `heard`. Where only the
    frames `wanted` of the song are needed, others may be anything.
    """

    plan: Plan
    strip: Strip
    steps: Steps
    is_cancelled: Callable[[], bool] = never
    fed_by: "Sequence[StripRender]" = ()
    wanted: Span | None = None
    heard: Kept = field(init=False)
    source: Clip | StripSum = field(init=False)
    job: Job | None = field(init=False)
    _keys: dict[str, str] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.heard = Kept(is_cancelled=self.is_cancelled)
        if self.strip.clip is not None:
            self.source = Clip(self.plan, self.strip, self.steps, self.heard)
        else:
            self.source = StripSum(self.plan, self.strip.name, self.fed_by)
        seed = self.plan.document.session.seed if self.strip.seed is None else self.strip.seed
        board = contents.build(self.strip.preset, seed=seed)
        self.job = None if board is None else self._job(board)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Every clip that sounds in it."""
        return self.source.clips

    @property
    def key(self) -> str:
        """What its samples are before the fader; "" where a node does not say what it depends on."""
        of_clip = self.source.key
        if of_clip not in self._keys:
            self._keys[of_clip] = of_clip if self.job is None else self._key(self.job)
        return self._keys[of_clip]

    @property
    def has_changed(self) -> bool:
        """Whether a file of it has changed since its key was asked for first."""
        return self.key != next(iter(self._keys.values()))

    @property
    def is_dear(self) -> bool:
        """Whether a part such as a voice is to play, for what it gave is not kept."""
        if self.job is None or self.steps.holds(self.key):
            return False
        job = replace(self.job, source=self.source.key)
        return engine.plays_dear(job, self.steps, CHANNELS, self.source.frames)

    @property
    def is_light(self) -> bool:
        """Whether it is kept, or rendered in moments by parts that any thread may play: VST3s are opened and
        played by one alone."""
        if self.steps.holds(self.key):
            return True
        clip, is_short = self.strip.clip, self.source.frames < LONG_SECONDS * self.plan.sample_rate
        has_plugins = bool(self.strip.plugins) or clip is None or clip.score is not None
        return is_short and not has_plugins and not self.is_dear

    def give_up_if(self, stopped: Callable[[], bool]) -> None:
        """Ask `stopped` too whether to stop."""
        before = self.heard.is_cancelled
        self.heard.is_cancelled = lambda: stopped() or before()

    def open(self) -> None:
        """Have at hand the weights of its voices.

        Raises:
            VoiceError: One is missing or damaged.
        """
        if self.job is not None and self.job.board is not None:
            for voice in contents.voices(self.job.board, self.job.automation):
                contents.voice(self.job.board, voice).open()

    def read_ahead(self) -> None:
        """Read its file now, where it is heard as it lies there; whoever hears it is told what went wrong."""
        if isinstance(self.source, Clip) and self.source.is_plain:
            with contextlib.suppress(SvcfxError):
                self._samples()

    def rendered(self, on_progress: OnProgress = unheard) -> Rendered:
        """Its samples, found or made.

        Raises:
            SvcfxError: Its file cannot be read, or an effect failed.
            Cancelled: `is_cancelled` says so.
        """
        self.heard.on_progress = on_progress
        try:
            return self._rendered()
        finally:
            self.source.forget()

    def _rendered(self) -> Rendered:
        self._ask()
        if self.job is None:
            return self._given(self.source.samples, self.source.frames, self.source.stretcher)
        found = self.steps.get(Step("strip", self.strip.name, self.key), self.heard)
        if found is None:
            found = self._made(self.job)
            if self._part is None:  # what is only in part there has no key, but its phrases have theirs
                # another key, should the file have changed while it was read
                self.steps.put(Step("strip", self.strip.name, self.key), found)
        facts = found.facts
        return self._given(found.arrays["samples"], int(facts["ringing"]), str(facts["stretcher"]))

    def _given(self, samples: NDArray[np.floating], ringing: int, stretcher: str) -> Rendered:
        remarks = self.strip.clip.info.remarks if self.strip.clip else ()
        mended = [Note("mended-file", f"{self.strip.label}: {said}") for said in remarks]
        of_clip = [note for note in self.heard.notes if note.code == "stretcher"]
        notes = (*of_clip, *mended, *(note for note in self.heard.notes if note not in of_clip))
        return Rendered(samples, self.source.start_frame, notes, stretcher, ringing)

    @property
    def _part(self) -> Span | None:
        """What is wanted, in frames of its own; None where that is all of it."""
        if self.wanted is None:
            return None
        start, frames = self.source.start_frame, self.source.frames
        first, last = (min(max(at - start, 0), frames) for at in self.wanted)
        return None if (first, last) == (0, frames) else (first, last)

    def _ask(self) -> None:
        """Have its clip make no more than it needs."""
        part, frames = self._part, self.source.frames
        if part is not None and isinstance(self.source, Clip):
            job = self.job
            self.source.wanted = part if job is None else reach.heard(job, part, CHANNELS, frames)[0]

    def _key(self, job: Job) -> str:
        """What the strip depends on beside the song: all that its board gives, and the way back."""
        job = replace(job, source=self.source.key)
        end = engine.key(job, self.steps, CHANNELS, self.source.frames) if job.source else ""
        assert job.board is not None
        known = [singers.singer_range(job.board, voice) for voice in self.strip.voices]
        matched = bool(self.strip.voices) and self.strip.match_loudness
        return keys.key("strip", VERSION, end, self.strip.name, known, matched) if end else ""

    def _job(self, board: "Board") -> Job:
        """Its work, without its samples; in the octave that suits its singers, if it asks for that."""
        label = self.strip.label
        chosen: dict[str, float] = {}
        if self.strip.auto_octave and isinstance(self.source, Clip):
            chosen = singers.chosen_octaves(
                board, self.strip.voices, self.source, label, self.steps, self.heard
            )
        lanes = self.strip.lanes_on(board, chosen)
        return Job(label, EMPTY, self.plan.sample_rate, board, lanes)

    def _made(self, job: Job) -> Entry:
        """The strip before its fader, with all that was said on the way."""
        if isinstance(self.source, Clip) and self.source.is_plain:
            try:  # what a voice sang may be there already: then nobody hears the file
                return self._played(job, Later((CHANNELS, self.source.frames), self._heard))
            except _Changed:
                pass
        return self._played(job, self._samples())

    def _heard(self) -> Samples:
        """The samples of the source; raises `_Changed` where they are not those of its key."""
        known = self.source.key
        with self._reading:
            samples = self._samples()
        if self.source.key != known:
            raise _Changed
        return samples

    def _samples(self) -> Samples:
        """The samples of the source, in float32."""
        return self.source.samples if isinstance(self.source, Clip) else scratch.copied(self.source.samples)

    def _played(self, job: Job, sound: Samples | Later) -> Entry:
        recorded = self.source.recorded if isinstance(self.source, Clip) else None
        job = replace(job, sound=sound, source=self.source.key, recorded=recorded, wanted=self._part)
        said = Kept(self.heard.on_progress, self.heard.is_cancelled)
        if not self.strip.voices:
            made, notes = engine.run(job, said, self.steps), list[Note]()
        else:
            made, notes = self._sung(job, said)
        notes = [*(replace(note, text=f"{job.label}: {note.text}") for note in said.notes), *notes]
        ringing = self.source.frames if self._part is not None else tails.ringing_from(job, self.steps)
        for note in notes:
            self.heard.note(note)
        facts = {"ringing": ringing, "stretcher": self.source.stretcher}
        return Entry({"samples": made}, facts, tuple(self.heard.notes))

    def _sung(self, job: Job, said: Kept) -> tuple[Samples, list[Note]]:
        """What its voices made of it, listened to beside that, and what there is to say of the two."""
        from concurrent.futures import ThreadPoolExecutor  # here: what is found in the store needs none

        from svcfx.session import advice, makeup

        stopped = threading.Event()
        heard = Kept(is_cancelled=lambda: stopped.is_set() or self.heard.cancelled())
        steps = self.steps.beside()
        with ThreadPoolExecutor(1, "advice") as aside:
            if self._part is None:
                advised = aside.submit(advice.about_voices, job, self.strip.voices, steps, heard)
            else:
                advised = aside.submit(advice.about_input, job, job.label, steps, heard)
            try:
                made = engine.run(job, said, self.steps)
                notes = advised.result()
            except BaseException:
                stopped.set()
                raise
        if self.strip.match_loudness:
            made, more = makeup.matched(job, made, self.steps)
            notes = [*notes, *more]
        return made, notes
