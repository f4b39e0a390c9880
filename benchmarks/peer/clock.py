"""Seconds spent in functions as they are. It runs in both environments, so it imports nothing of either."""

import json
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

seconds: dict[str, float] = defaultdict(float)
AGAIN = "again"
"""What was spent on doing a short stage more than once, which is not counted with the whole."""


def watch(owner: Any, name: str, stage: str, times: int = 1) -> None:
    """Count the time in `owner.name` under `stage`; of several `times`, the median."""
    inner = getattr(owner, name)

    def timed(*args: Any, **options: Any) -> Any:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            made = inner(*args, **options)
            taken.append(time.perf_counter() - start)
        counted = statistics.median(taken)
        seconds[stage] += counted
        if times > 1:
            seconds[AGAIN] += sum(taken) - counted
        return made

    setattr(owner, name, timed)


def measure(work: Callable[[], Any], out: Path) -> Any:
    """Time `work` once and write what was spent where, in seconds, with the peak of memory in MB."""
    seconds.clear()
    start, before = time.perf_counter(), time.process_time()
    made = work()
    wall = time.perf_counter() - start
    cpu = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    whole = wall - seconds.pop(AGAIN, 0.0)
    out.write_text(json.dumps({**seconds, "whole": whole, "cores": cpu / wall, "peak_mb": peak}))
    return made
