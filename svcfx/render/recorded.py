"""What a board plays before its first voice, played on the recording too: the voice hears that one."""

from dataclasses import replace

from svcfx.render import specs
from svcfx.render.job import Job
from svcfx.time_map import Recorded


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
