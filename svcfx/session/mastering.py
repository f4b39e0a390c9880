"""The end of the mix: the master preset, the loudness, the ceiling."""

import math
from dataclasses import dataclass, replace

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.dsp import levels, loudness
from svcfx.events import Events, Note
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.session import contents, tails
from svcfx.session.mixdown import Mix
from svcfx.session.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The mix as it is written, its loudness and true peak, and what there is to say."""

    samples: Samples
    lufs: float
    dbtp: float
    notes: tuple[Note, ...]


def mastered(plan: Plan, mix: Mix, events: Events, part: tuple[int, int] | None = None) -> Finished:
    """Master `mix`, shape (2, frames); its effects are heard by `events`.

    With a `part`, frames of a mix that is brought to no loudness and below no ceiling, only that is given.
    """
    master = plan.document.session.master
    board = contents.build(plan.master.preset)
    job = Job("master", scratch.copied(mix), plan.sample_rate, board, plan.master.lanes.board)
    samples = engine.run(replace(job, wanted=part), events)
    if part is not None:
        done = loudness.master(samples[:, slice(*part)], plan.sample_rate, None, None)
        return Finished(done.samples, done.lufs, done.dbtp, tuple(_clips(plan, done.samples)))
    longer = f"raise master.tail_seconds, {master.tail_seconds:g} s now"
    ringing = tails.ringing_from(job)
    notes = tails.notes(tails.Whole(samples), plan.sample_rate, ringing, "the master", longer)
    done = loudness.master(samples, plan.sample_rate, master.target_lufs, master.ceiling_dbtp)
    notes += [Note("ceiling", done.note)] if done.note else []
    return Finished(done.samples, done.lufs, done.dbtp, (*notes, *_clips(plan, done.samples)))


def _clips(plan: Plan, samples: Samples) -> list[Note]:
    output = plan.document.session.output
    peak = levels.peak(samples)
    if peak <= 1.0 or (output.encoding == "float" and output.formats == ["wav"]):
        return []
    over = 20.0 * math.log10(peak)
    return [
        Note("clips", f"the mix peaks at {over:+.1f} dBFS and clips: set master.ceiling_dbtp, or lower gains")
    ]
