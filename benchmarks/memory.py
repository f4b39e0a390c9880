"""A long stem in bounded memory: `python benchmarks/memory.py [--minutes 30]`.

The law: converting 30 minutes takes no more than 300 MB beyond its arrays (input and output) and beyond
the peak of converting 10 seconds.
"""

import argparse
import multiprocessing
import time

import numpy as np
from judging import converter, pairs, results, sources
from judging.speed import peak_mb

ALLOWED_MB = 300.0


def main() -> None:
    """Measure both lengths in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    short, _, _ = _in_a_process(10.0)
    long, arrays, seconds = _in_a_process(60.0 * minutes)
    extra = long - short - arrays
    rows = [
        ("peak after 10 s, MB", f"{short:.0f}", ""),
        (f"peak after {minutes:g} minutes, MB", f"{long:.0f}", ""),
        ("its arrays, in and out, MB", f"{arrays:.0f}", ""),
        ("beyond both, MB", f"{extra:.0f}", f"<= {ALLOWED_MB:g}: {'yes' if extra <= ALLOWED_MB else 'NO'}"),
        ("real-time factor", f"{seconds / 60.0 / minutes:.3f}", ""),
    ]
    text = results.table(("memory", "figure", "bar met"), rows)
    print(text)
    if minutes == 30.0:
        results.write("Memory", text)


def _in_a_process(seconds: float) -> tuple[float, float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_convert, (seconds,))


def _convert(seconds: float) -> tuple[float, float, float]:
    """Peak MB, MB of the input and output arrays, and seconds taken, for a stem of `seconds`."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)
    audio = np.resize(stem, int(seconds * converter.RATE))
    start = time.perf_counter()
    made = converter.convert(audio, "vela", 5)
    taken = time.perf_counter() - start
    return peak_mb(), (audio.nbytes + made.nbytes) / 1e6, taken


if __name__ == "__main__":
    main()
