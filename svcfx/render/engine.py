"""Run a job in this process: the only way to samples that went through a board."""

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import SvcfxError
from svcfx.events import Events, go_on
from svcfx.render.job import Job


def run(job: Job, events: Events) -> Samples:
    """Run `job`; returns samples of the same shape. Its nodes' notes and progress go to `events`.

    Raises:
        SvcfxError: An effect gave samples that are not finite.
        ParamError: A lane names no parameter of the board.
        Cancelled: `events` asked to stop.
    """
    if job.board is None or len(job.board) == 0:
        return job.samples
    go_on(events)
    given = job.board.perform(job.samples, job.sample_rate, job.automation, events)
    rendered = np.asarray(given, np.float32)
    if not np.isfinite(rendered).all():
        frame = int(np.argmin(np.isfinite(rendered).all(axis=0)))
        raise SvcfxError(
            f"{job.label}: an effect gave a sample that is not finite at {frame / job.sample_rate:.3f} s",
            hint="take the effects out one by one to find which",
        )
    return rendered
