"""A long stream: `python benchmarks/streaming.py [--minutes 10]`.

The laws: memory stays flat; after n frames in, at least n - `latency_samples` are out and never more than n;
blocks of 64, 1,000 and 44,100 frames give the same samples; after `flush()` as many are out as went in.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from judging import converter, pairs, results, sources
from numpy.typing import NDArray

BLOCK = 1000
BLOCKS = (64, 1000, 44100)
SAME_SECONDS = 20.0
SETTLED_AFTER = 0.2
"""Share of the stream after which memory has to be flat."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a stream held back at most, whether it ever gave too much, its memory and its pace."""

    withheld: int
    latency: int
    ahead: int
    missing: int
    settled_mb: float
    final_mb: float
    rtf: float


def main() -> None:
    """Stream for minutes in one process, and in three sizes of blocks in another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        run = pool.apply(_long, (60.0 * minutes,))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        apart = pool.apply(_apart)
    grown = run.final_mb - run.settled_mb
    late = run.withheld <= run.latency
    rows = [
        (
            f"withheld at most over {minutes:g} minutes, frames",
            f"{run.withheld}",
            f"<= {run.latency}: {_yes(late)}",
        ),
        (
            "latency_samples, seconds",
            f"{run.latency / converter.RATE:.3f}",
            _yes(run.latency <= converter.RATE),
        ),
        ("given before it was due, frames", f"{run.ahead}", _yes(run.ahead == 0)),
        ("missing after flush, frames", f"{run.missing}", _yes(run.missing == 0)),
        ("memory after a fifth, MB", f"{run.settled_mb:.0f}", ""),
        ("grown from there to the end, MB", f"{grown:.1f}", f"<= 5: {_yes(grown <= 5.0)}"),
        ("real-time factor in blocks of 1,000", f"{run.rtf:.3f}", ""),
        (f"largest difference between blocks of {BLOCKS}", f"{apart:.1e}", f"0: {_yes(apart == 0.0)}"),
    ]
    text = results.table(("stream", "figure", "bar met"), rows)
    print(text)
    if minutes == 10.0:
        results.write("Streaming", text)


def _yes(met: bool) -> str:
    return "yes" if met else "NO"


def _blocks(seconds: float, size: int) -> Iterator[NDArray[np.float32]]:
    """The first stem, over and over, in blocks (1, size); only one stem is ever held."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)
    total, at = int(seconds * converter.RATE), 0
    while at < total:
        count = min(size, total - at)
        yield np.take(stem, np.arange(at, at + count), mode="wrap")[None]
        at += count


def _long(seconds: float) -> Run:
    node = converter.node("vela", 5)
    node.reset()
    latency = node.latency_samples
    taken = given = withheld = ahead = 0
    settled, start = 0.0, time.perf_counter()
    for block in _blocks(seconds, BLOCK):
        out = node.process(block, converter.RATE, reset=False)
        latency = node.latency_samples
        taken, given = taken + block.shape[1], given + out.shape[1]
        withheld, ahead = max(withheld, taken - given), max(ahead, given - taken)
        if not settled and taken > SETTLED_AFTER * seconds * converter.RATE:
            settled = _held_mb()
    final, took = _held_mb(), time.perf_counter() - start
    given += node.flush().shape[1]
    return Run(withheld, latency, ahead, taken - given, settled, final, took / seconds)


def _apart() -> float:
    """Largest difference of a sample between streams in blocks of several sizes."""
    made = []
    for size in BLOCKS:
        node = converter.node("vela", 5)
        node.reset()
        pieces = [node.process(b, converter.RATE, reset=False) for b in _blocks(SAME_SECONDS, size)]
        made.append(np.concatenate([*pieces, node.flush()], axis=1))
    return max(float(np.abs(made[0] - other).max()) for other in made[1:])


def _held_mb() -> float:
    """Memory that this process holds now, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
