"""Render one stem: its file through resampling, the key, its preset, and back to its own loudness."""

import warnings
from dataclasses import dataclass, replace

from svcfx import audio
from svcfx.audio import Samples
from svcfx.dsp.resample import resample
from svcfx.errors import SvcfxWarning
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.session import advice, makeup, mixdown, singers
from svcfx.session.notes import Note
from svcfx.session.plan import Plan, StemPlan


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A stem before its fader, shape (2, frames), from `start_frame` to the end of the mix."""

    samples: Samples
    start_frame: int
    notes: tuple[Note, ...]
    stretcher: str = ""


def render(plan: Plan, stem: StemPlan) -> Rendered:
    """Render `stem` as `plan` says.

    Raises:
        SvcfxError: Its file cannot be read, or an effect failed.
    """
    start_frame = round(stem.start_seconds * plan.sample_rate)
    source = audio.read(stem.path)
    samples = mixdown.stereo(source.samples, stem.name)
    samples = resample(samples, source.sample_rate, plan.sample_rate)
    samples, used, notes = _in_key(plan, stem, samples)
    notes += [Note("mended-file", f"stem '{stem.name}': {remark}") for remark in source.remarks]
    samples = mixdown.placed(samples, 0, max(plan.frames - start_frame, samples.shape[1]))
    if stem.board is None:
        return Rendered(samples, start_frame, tuple(notes), used)
    if stem.model.transpose == "auto":
        _, said = singers.settle_octaves(stem.board, stem.voices, samples, plan.sample_rate)
        notes += [replace(note, text=f"stem '{stem.name}': {note.text}") for note in said]
    job = Job(f"stem '{stem.name}'", samples, plan.sample_rate, stem.board, stem.board_lanes)
    rendered, warned = _run(job)
    notes += warned
    if stem.voices:
        notes += advice.about_voices(job, stem.voices)
        if stem.model.match_loudness:
            rendered, said = makeup.matched(job, rendered)
            notes += said
    return Rendered(rendered, start_frame, tuple(notes), used)


def _run(job: Job) -> tuple[Samples, list[Note]]:
    """Run a job; what its nodes warn of becomes notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SvcfxWarning)
        rendered = engine.run(job)
    ours = [str(item.message) for item in caught if issubclass(item.category, SvcfxWarning)]
    return rendered, [Note("mid-dropped", f"{job.label}: {text}") for text in dict.fromkeys(ours)]


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
