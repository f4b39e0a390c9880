"""Render one stem: its clip, the octave that suits its singers, its board, and back to its own loudness."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from svcfx.audio import Samples
from svcfx.events import Kept, Note, OnProgress, never, unheard
from svcfx.render import engine, keys
from svcfx.render.job import Job
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import advice, contents, makeup, singers, tails
from svcfx.session.clip import Clip
from svcfx.session.plan import Plan
from svcfx.session.stem_plan import StemPlan

if TYPE_CHECKING:
    from svcfx.board import Board

VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A stem before its fader, shape (2, frames), from `start_frame` to the end of the mix.

    From frame `ringing` on only effects sound. `key` is that of its samples; "" where they have none.
    """

    samples: Samples
    start_frame: int
    notes: tuple[Note, ...]
    stretcher: str
    ringing: int
    key: str = ""


def render(
    plan: Plan,
    stem: StemPlan,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    steps: Steps | None = None,
) -> Rendered:
    """Render `stem` as `plan` says, on a board of its own; what `steps` has in its store is not made again.

    Raises:
        SvcfxError: Its file cannot be read, or an effect failed.
        Cancelled: `is_cancelled` says so.
    """
    return _Strip(plan, stem, steps or Steps(), Kept(on_progress, is_cancelled)).rendered()


@dataclass(slots=True)
class _Strip:
    """One stem on its way through its board; what there is to say gathers in `heard`."""

    plan: Plan
    stem: StemPlan
    steps: Steps
    heard: Kept
    clip: Clip = field(init=False)
    board: "Board | None" = field(init=False)

    def __post_init__(self) -> None:
        self.clip = Clip(self.plan, self.stem, self.steps, self.heard)
        self.board = contents.build(self.stem.preset, seed=self.plan.document.session.seed)

    def rendered(self) -> Rendered:
        if self.board is None:
            return self._given(self.clip.samples, self.clip.frames, self.clip.stretcher, self.clip.key)
        job = self._job()
        key = self._key(job)
        found = self.steps.get(Step("strip", self.stem.name, key), self.heard)
        if found is None:
            found = self._made(job)
            key = self._key(job)  # "" now, should the file have changed while it was read
            self.steps.put(Step("strip", self.stem.name, key), found)
        facts = found.facts
        return self._given(found.arrays["samples"], int(facts["ringing"]), str(facts["stretcher"]), key)

    def _given(self, samples: Samples, ringing: int, stretcher: str, key: str) -> Rendered:
        mended = [Note("mended-file", f"stem '{self.stem.name}': {said}") for said in self.stem.info.remarks]
        of_clip = [note for note in self.heard.notes if note.code == "stretcher"]
        notes = (*of_clip, *mended, *(note for note in self.heard.notes if note not in of_clip))
        return Rendered(samples, self.clip.start_frame, notes, stretcher, ringing, key)

    def _key(self, job: Job) -> str:
        """What the strip depends on beside the song: all that its board gives, and the way back."""
        job = replace(job, source=self.clip.key)
        end = engine.key(job, self.steps, 2, self.clip.frames) if job.source else ""
        assert job.board is not None
        known = [singers.singer_range(job.board, voice) for voice in self.stem.voices]
        matched = bool(self.stem.voices) and self.stem.model.match_loudness
        return keys.key("strip", VERSION, end, self.stem.name, known, matched) if end else ""

    def _job(self) -> Job:
        """The stem's work, without its samples; in the octave that suits its singers, if it asks for that."""
        assert self.board is not None
        label = f"stem '{self.stem.name}'"
        chosen: dict[str, float] = {}
        if self.stem.model.transpose == "auto":
            chosen = singers.chosen_octaves(
                self.board, self.stem.voices, self.clip, label, self.steps, self.heard
            )
        nothing = self.clip.empty
        return Job(label, nothing, self.plan.sample_rate, self.board, self.stem.lanes_on(self.board, chosen))

    def _made(self, job: Job) -> Entry:
        """The strip before its fader, with all that was said on the way."""
        samples = self.clip.samples
        job = replace(job, samples=samples, source=self.clip.key)
        said = Kept(self.heard.on_progress, self.heard.is_cancelled)
        made = engine.run(job, said, self.steps)
        notes = [replace(note, text=f"{job.label}: {note.text}") for note in said.notes]
        if self.stem.voices:
            notes += advice.about_voices(job, self.stem.voices, self.steps)
            if self.stem.model.match_loudness:
                made, more = makeup.matched(job, made)
                notes += more
        for note in notes:
            self.heard.note(note)
        ringing = tails.ringing_from(job.board, samples, self.plan.sample_rate)
        facts = {"ringing": ringing, "stretcher": self.clip.stretcher}
        return Entry({"samples": made}, facts, tuple(self.heard.notes))
