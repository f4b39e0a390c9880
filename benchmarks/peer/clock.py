"""Seconds spent in functions as they are. It runs in both environments, so it imports nothing of either."""

import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

seconds: dict[str, float] = defaultdict(float)


def watch(owner: Any, name: str, stage: str) -> None:
    """Count the time in `owner.name` under `stage`."""
    inner = getattr(owner, name)

    def timed(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return inner(*args, **options)
        finally:
            seconds[stage] += time.perf_counter() - start

    setattr(owner, name, timed)


def measure(work: Callable[[], Any], out: Path) -> Any:
    """Time `work` once and write what was spent where, in seconds, with the peak of memory in MB."""
    seconds.clear()
    start, before = time.perf_counter(), time.process_time()
    made = work()
    whole = time.perf_counter() - start
    cpu = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    out.write_text(json.dumps({**seconds, "whole": whole, "cores": cpu / whole, "peak_mb": peak}))
    return made
