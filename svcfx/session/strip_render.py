"""Render one strip: its clip, the octave that suits its singers, its board, and back to its own loudness."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from svcfx.audio import Samples
from svcfx.events import Kept, Note, OnProgress, never, unheard
from svcfx.render import engine, keys
from svcfx.render.job import Job
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents, singers, tails
from svcfx.session.clip import CHANNELS, Clip
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip

if TYPE_CHECKING:
    from svcfx.board import Board

VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A strip before its fader, shape (2, frames), from `start_frame` to the end of the mix.

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
    strip: Strip,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    steps: Steps | None = None,
) -> Rendered:
    """Render `strip` as `plan` says, on a board of its own; what `steps` has in its store is not made again.

    Raises:
        SvcfxError: Its file cannot be read, or an effect failed.
        Cancelled: `is_cancelled` says so.
    """
    return StripRender(plan, strip, steps or Steps(), is_cancelled).rendered(on_progress)


@dataclass(slots=True)
class StripRender:
    """One strip on its way through its board.

    Its key is known before anything is rendered; what there is to say gathers in `heard`.
    """

    plan: Plan
    strip: Strip
    steps: Steps
    is_cancelled: Callable[[], bool] = never
    heard: Kept = field(init=False)
    clip: Clip = field(init=False)
    job: Job | None = field(init=False)
    _keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.heard = Kept(is_cancelled=self.is_cancelled)
        self.clip = Clip(self.plan, self.strip, self.steps, self.heard)
        board = contents.build(self.strip.preset, seed=self.plan.document.session.seed)
        self.job = None if board is None else self._job(board)

    @property
    def key(self) -> str:
        """What its samples are before the fader; "" where a node does not say what it depends on."""
        of_clip = self.clip.key
        if of_clip not in self._keys:
            self._keys[of_clip] = of_clip if self.job is None else self._key(self.job)
        return self._keys[of_clip]

    def open(self) -> None:
        """Have at hand the weights of voices that will sing, so that a damaged one is found before any sings.

        Raises:
            VoiceError: One is missing or damaged.
        """
        if self.job is None or self.job.board is None or self.steps.holds(self.key):
            return
        if engine.plays_dear(replace(self.job, source=self.clip.key), self.steps, CHANNELS, self.clip.frames):
            for voice in contents.voices(self.job.board, self.job.automation):
                contents.node(self.job.board, voice).open()

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
            self.clip.forget()

    def _rendered(self) -> Rendered:
        if self.job is None:
            samples = self.clip.samples
            return self._given(samples, self.clip.frames, self.clip.stretcher, self.clip.key)
        key = self.key
        found = self.steps.get(Step("strip", self.strip.name, key), self.heard)
        if found is None:
            found = self._made(self.job)
            key = self.key  # another one, should the file have changed while it was read
            self.steps.put(Step("strip", self.strip.name, key), found)
        facts = found.facts
        return self._given(found.arrays["samples"], int(facts["ringing"]), str(facts["stretcher"]), key)

    def _given(self, samples: Samples, ringing: int, stretcher: str, key: str) -> Rendered:
        remarks = self.strip.clip.info.remarks if self.strip.clip else ()
        mended = [Note("mended-file", f"{self.strip.label}: {said}") for said in remarks]
        of_clip = [note for note in self.heard.notes if note.code == "stretcher"]
        notes = (*of_clip, *mended, *(note for note in self.heard.notes if note not in of_clip))
        return Rendered(samples, self.clip.start_frame, notes, stretcher, ringing, key)

    def _key(self, job: Job) -> str:
        """What the strip depends on beside the song: all that its board gives, and the way back."""
        job = replace(job, source=self.clip.key)
        end = engine.key(job, self.steps, CHANNELS, self.clip.frames) if job.source else ""
        assert job.board is not None
        known = [singers.singer_range(job.board, voice) for voice in self.strip.voices]
        matched = bool(self.strip.voices) and self.strip.match_loudness
        return keys.key("strip", VERSION, end, self.strip.name, known, matched) if end else ""

    def _job(self, board: "Board") -> Job:
        """Its work, without its samples; in the octave that suits its singers, if it asks for that."""
        label = self.strip.label
        chosen: dict[str, float] = {}
        if self.strip.auto_octave:
            chosen = singers.chosen_octaves(
                board, self.strip.voices, self.clip, label, self.steps, self.heard
            )
        lanes = self.strip.lanes_on(board, chosen)
        return Job(label, self.clip.empty, self.plan.sample_rate, board, lanes)

    def _made(self, job: Job) -> Entry:
        """The strip before its fader, with all that was said on the way."""
        samples = self.clip.samples
        job = replace(job, samples=samples, source=self.clip.key)
        said = Kept(self.heard.on_progress, self.heard.is_cancelled)
        made = engine.run(job, said, self.steps)
        notes = [replace(note, text=f"{job.label}: {note.text}") for note in said.notes]
        if self.strip.voices:
            from svcfx.session import advice, makeup  # here: what is found in the store measures nothing

            notes += advice.about_voices(job, self.strip.voices, self.steps)
            if self.strip.match_loudness:
                made, more = makeup.matched(job, made, self.steps)
                notes += more
        for note in notes:
            self.heard.note(note)
        ringing = tails.ringing_from(job.board, samples, self.plan.sample_rate)
        facts = {"ringing": ringing, "stretcher": self.clip.stretcher}
        return Entry({"samples": made}, facts, tuple(self.heard.notes))
