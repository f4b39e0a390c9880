"""Render one stem: its file through resampling, the key, its preset, and back to its own loudness."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from svcfx import audio
from svcfx.audio import Samples
from svcfx.dsp.resample import resample
from svcfx.events import Kept, Note, OnProgress, never, unheard
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.session import advice, contents, makeup, mixdown, singers, tails
from svcfx.session.plan import Plan
from svcfx.session.stem_plan import StemPlan

if TYPE_CHECKING:
    from svcfx.board import Board


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A stem before its fader, shape (2, frames), from `start_frame` to the end of the mix.

    From frame `ringing` on only effects sound.
    """

    samples: Samples
    start_frame: int
    notes: tuple[Note, ...]
    stretcher: str
    ringing: int


def render(
    plan: Plan,
    stem: StemPlan,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
) -> Rendered:
    """Render `stem` as `plan` says, on a board of its own.

    Raises:
        SvcfxError: Its file cannot be read, or an effect failed.
        Cancelled: `is_cancelled` says so.
    """
    start_frame = round(stem.start_seconds * plan.sample_rate)
    source = audio.read(stem.path)
    samples = mixdown.stereo(source.samples, stem.name)
    samples = resample(samples, source.sample_rate, plan.sample_rate)
    samples, used, notes = _in_key(plan, stem, samples)
    notes += [Note("mended-file", f"stem '{stem.name}': {remark}") for remark in source.remarks]
    samples = mixdown.placed(samples, 0, max(plan.frames - start_frame, samples.shape[1]))
    board = contents.build(stem.preset, seed=plan.document.session.seed)
    if board is None:
        return Rendered(samples, start_frame, tuple(notes), used, samples.shape[1])
    heard = Kept(on_progress, is_cancelled)
    job, chosen = _job(plan, stem, board, samples)
    rendered = engine.run(job, heard)
    notes += chosen
    notes += [replace(note, text=f"{job.label}: {note.text}") for note in heard.notes]
    if stem.voices:
        notes += advice.about_voices(job, stem.voices)
        if stem.model.match_loudness:
            rendered, said = makeup.matched(job, rendered)
            notes += said
    ringing = tails.ringing_from(board, samples, plan.sample_rate)
    return Rendered(rendered, start_frame, tuple(notes), used, ringing)


def _job(plan: Plan, stem: StemPlan, board: "Board", samples: Samples) -> tuple[Job, list[Note]]:
    """The stem's work, in the octave that suits its singers where it asks for that."""
    chosen: dict[str, float] = {}
    said: list[Note] = []
    if stem.model.transpose == "auto":
        chosen, said = singers.octaves(board, stem.voices, samples, plan.sample_rate)
    label = f"stem '{stem.name}'"
    job = Job(label, samples, plan.sample_rate, board, stem.lanes_on(board, chosen))
    return job, [replace(note, text=f"{label}: {note.text}") for note in said]


def _in_key(plan: Plan, stem: StemPlan, samples: Samples) -> tuple[Samples, str, list[Note]]:
    if stem.way not in ("stretch", "stretch with formants"):
        return samples, "", []
    from svcfx.dsp import stretch  # here: only a song that changes its key needs it

    done = stretch.follow_key(
        samples,
        plan.sample_rate,
        plan.key.shift(-stem.start_seconds),
        formant_preserved=stem.way == "stretch with formants",
        stretcher=plan.document.session.stretcher,
    )
    note = Note("stretcher", f"stem '{stem.name}' follows the key through {done.stretcher_used}")
    return done.samples, done.stretcher_used, [note]
