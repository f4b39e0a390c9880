"""A local Ray with two workers against two processes: `python benchmarks/cluster.py [--files 16]`.

The bar: at least 0.9 of the throughput of processes, over all files from the first that is begun to the last
that is done; what either needs to start is printed beside it. Both have one thread a worker.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from judging import converter, pairs, results, sources

from svcfx import audio

LEAST = 0.9
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
WAYS = {"processes": (), "local Ray": ("--on", "ray")}


def main() -> None:
    """Run the same batch both ways, in turns, and compare their bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = takes(Path(folder) / "takes", options.files)
        runs = [(way, _run(Path(folder), *WAYS[way])) for _ in range(options.rounds) for way in WAYS]
    made = {files for _, (_, _, files) in runs}
    rows, best = [], {}
    for way in WAYS:
        works, starts = zip(*((work, start) for name, (work, start, _) in runs if name == way), strict=True)
        best[way] = min(works)
        rows.append((way, f"{seconds / min(works):.2f}", f"{min(starts):.1f}"))
    share = best["processes"] / best["local Ray"]
    rows.append(("ratio", f"{share:.2f}", f"at least {LEAST:g}: {'yes' if share >= LEAST else 'NO'}"))
    rows.append(("results", "equal bytes" if len(made) == 1 else "DIFFERENT BYTES", ""))
    text = results.table((f"{options.files} files, 2 workers", "times real time", "start, s"), rows)
    print(text)
    results.write("Cluster", text)


def takes(folder: Path, count: int) -> float:
    """So many takes of a vocal, each another; seconds of them all."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)
    for number in range(count):
        turned = np.roll(stem, number * 7_001)
        audio.write(folder / f"{number:02}.wav", turned[None].astype(np.float32), converter.RATE)
    return count * len(stem) / converter.RATE


def _run(folder: Path, *where: str) -> tuple[float, float, tuple[bytes, ...]]:
    """Seconds of work, seconds before it, and the results."""
    out = folder / "out"
    command = [
        "batch",
        "takes",
        "-p",
        "lead-vela",
        "-o",
        str(out),
        "--jobs",
        "2",
        "--no-cache",
        "--json",
        *where,
    ]
    begun = time.monotonic()
    run = subprocess.Popen(
        [sys.executable, "-m", "svcfx", *command, "--quiet"],
        cwd=folder,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    first = 0.0
    for line in run.stdout:
        first = first or time.monotonic() - begun - json.loads(line)["work_seconds"]
    if run.wait():
        sys.exit(f"svcfx {' '.join(command)} ended with {run.returncode}")
    last = time.monotonic() - begun
    made = tuple(path.read_bytes() for path in sorted(out.glob("*.wav")))
    shutil.rmtree(out)
    return last - first, first, made


if __name__ == "__main__":
    main()
