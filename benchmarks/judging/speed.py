"""How fast the voice is and how much memory it takes, in a fresh process."""

import multiprocessing
import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np

RUNS = 5
CORES = 2


@dataclass(frozen=True, slots=True)
class Speed:
    """`rtf` is seconds of work a second of audio, median of `RUNS`, everything included; memory in MB.

    `cpu` is the processor time of all threads a second of audio, which other work on the machine moves less.
    `first_rtf` adds importing, loading weights and warming up. `load` is the machine's load average then.
    """

    audio_s: float
    rtf: float
    cpu: float
    worst_rtf: float
    first_rtf: float
    load: float
    idle_mb: float
    peak_mb: float


def measure() -> Speed:
    """Convert a stem of 48 s on two cores in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure)


def _measure() -> Speed:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    start = time.perf_counter()
    from judging import converter, pairs, sources

    loaded = time.perf_counter() - start
    audio = converter.up(sources.build(pairs.STEMS[0]).audio)
    seconds, idle = len(audio) / converter.RATE, peak_mb()
    taken, spent = [], []
    for _ in range(RUNS + 1):
        start, before = time.perf_counter(), time.process_time()
        made = converter.convert(audio, "vela", 5)
        taken.append(time.perf_counter() - start)
        spent.append(time.process_time() - before)
    assert np.abs(made).max() > 0.01
    again = taken[1:]
    return Speed(
        audio_s=seconds,
        rtf=statistics.median(again) / seconds,
        cpu=statistics.median(spent[1:]) / seconds,
        worst_rtf=max(again) / seconds,
        first_rtf=(taken[0] + loaded) / seconds,
        load=os.getloadavg()[0],
        idle_mb=idle,
        peak_mb=peak_mb(),
    )


def peak_mb() -> float:
    """Most memory that this process has held, MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)
