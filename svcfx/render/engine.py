"""Run a job in this process: the only way to samples that went through a board."""

from dataclasses import replace

import numpy as np

from svcfx.audio import Samples, all_finite
from svcfx.board.play import UNKEPT, RowKeeper
from svcfx.errors import SvcfxError
from svcfx.events import Events, go_on
from svcfx.render import keys, reach, specs, walk
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.time_map import Recorded

NO_STORE = Steps()


def run(job: Job, events: Events, steps: Steps = NO_STORE) -> Samples:
    """Run `job`; returns samples of the same shape. Its nodes' notes and progress go to `events`.

    With a store in `steps`, what stands there is not made again; the samples are the same to the bit. Where
    only some are `wanted`, others may be anything, and what parts give is not kept.

    Raises:
        SvcfxError: An effect gave samples that are not finite.
        ParamError: A lane names no parameter of the board.
        Cancelled: `events` asked to stop.
    """
    if job.board is None or len(job.board) == 0:
        return job.samples
    go_on(events)
    sings = job.recorded is not None and plays_dear(job, steps, *job.shape)
    sung = None if job.wanted is None else reach.heard(job, job.wanted, *job.shape)[1]
    heard = walk.NoteRecorder(events, steps, before_voices(job) if sings else None, sung)
    keeper: RowKeeper = UNKEPT
    if steps.keeps:
        source = job.source or source_of(job.samples, job.sample_rate)
        keeper = walk.Walk(job.label, source, steps, heard, keeps=job.wanted is None)
    given = job.board.resumed(job.shape, lambda: job.samples, job.sample_rate, job.automation, heard, keeper)
    rendered = np.asarray(given, np.float32)
    if not all_finite(rendered):
        frame = int(np.argmin(np.isfinite(rendered).all(axis=0)))
        raise SvcfxError(
            f"{job.label}: an effect gave a sample that is not finite at {frame / job.sample_rate:.3f} s",
            hint="take the effects out one by one to find which",
        )
    return rendered


def source_of(samples: Samples, sample_rate: float) -> str:
    """The key of samples of which nobody knows where they come from: their bytes."""
    return keys.digest("samples", samples, float(sample_rate))


def key(job: Job, steps: Steps, channels: int, frames: int) -> str:
    """The key of what `run` would give; "" where a node does not say what it depends on, which is told to
    `steps`. The job's samples, (channels, frames), need not be there, only their `source`."""
    if job.board is None:
        return job.source
    with job.board.planned(channels, frames, job.sample_rate, job.automation) as row:
        found = walk.keys_of(row, job.source, (channels, frames), job.sample_rate, steps)
        return found[-1] if found else job.source


def plays_dear(job: Job, steps: Steps, channels: int, frames: int) -> bool:
    """Whether `run` would play a part that is dear, such as a voice: what the last one gave is not kept."""
    if job.board is None:
        return False
    with job.board.planned(channels, frames, job.sample_rate, job.automation) as row:
        dear = walk.dear_keys(row, job.source, (channels, frames), job.sample_rate, steps)
        return bool(dear) and not steps.holds(dear[max(dear)])


def before_voices(job: Job) -> Recorded | None:
    """What the first voice hears of a job's samples, and of the recording that they were stretched from.

    Where lanes move what comes before it, that is as the job has it: lanes lie in the song's time.
    """
    recorded = job.recorded
    if recorded is None or job.board is None:
        return recorded
    with job.board.planned(*job.shape, job.sample_rate, job.automation) as row:
        first = next((at for at, nodes in enumerate(row.nodes) if any(map(specs.is_dear, nodes))), 0)
        moved = any(row.curves.get(id(node)) for nodes in row.nodes[:first] for node in nodes)
        if not first or moved:
            return recorded
        played, heard = (row.ahead(first, one, job.sample_rate) for one in (recorded.played, recorded.read()))
    return replace(recorded, played=played, read=lambda: heard)
