"""What each block of a stream took. It runs in both environments, so it imports nothing of either."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

WARM_SECONDS = 2.0
RATE = 44100


def set_threads(torch: Any) -> None:
    """Let torch work on as many threads as the environment says."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def serve(process_of: Callable[[int, dict[str, Any]], tuple[Callable[[Any], Any], float]]) -> None:
    """Answer each line of the input, JSON with `block_ms`, `seconds` and `song`, by one of times.

    `process_of` makes of frames of a block and such a line a function of a block (n,), and says the seconds
    by which what it gives lies behind what it was given.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    song = np.load(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        frames = round(asked["block_ms"] * RATE / 1000.0)
        process, late = process_of(frames, asked)
        wall, cpu = _times(process, _blocks(song, frames, asked["seconds"]), asked["seconds"])
        print(json.dumps({"wall": wall, "cpu": cpu, "late": late}), file=answers, flush=True)


def _blocks(song: Any, frames: int, seconds: float) -> Iterator[tuple[Any, bool]]:
    """Blocks of the song, and whether they count: the first ones warm up."""
    warm = int(WARM_SECONDS * RATE) // frames
    for number in range(warm + int(seconds * RATE) // frames):
        yield song[number * frames : (number + 1) * frames], number >= warm


def _times(
    process: Callable[[Any], Any], blocks: Iterator[tuple[Any, bool]], most_seconds: float
) -> tuple[list[float], list[float]]:
    """Seconds by the clock and of the processor for each block, for so many seconds of the clock at most."""
    wall: list[float] = []
    cpu: list[float] = []
    for block, counts in blocks:
        clock, worked = time.perf_counter(), time.process_time()
        process(block)
        took = time.perf_counter() - clock, time.process_time() - worked
        if counts:
            wall.append(took[0])
            cpu.append(took[1])
        if sum(wall) > most_seconds:
            break
    return wall, cpu
