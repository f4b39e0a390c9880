"""Run a job in this process."""

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import SvcfxError
from svcfx.render.job import Job


def run(job: Job) -> Samples:
    """Run `job`; returns samples of the same shape.

    Raises:
        SvcfxError: An effect gave samples that are not finite.
        ParamError: A lane names no parameter of the board.
    """
    if job.board is None or len(job.board) == 0:
        return job.samples
    rendered = np.asarray(
        job.board(job.samples, job.sample_rate, automation=dict(job.automation)), np.float32
    )
    if not np.isfinite(rendered).all():
        frame = int(np.argmin(np.isfinite(rendered).all(axis=0)))
        raise SvcfxError(
            f"{job.label}: an effect gave a sample that is not finite at {frame / job.sample_rate:.3f} s",
            hint="take the effects out one by one to find which",
        )
    return rendered
