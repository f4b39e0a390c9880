"""svcfx live beside so-vits-svc-fork, the same 4.0 voice: `python benchmarks/live.py [--seconds 10]`.

For blocks of each length, the time that each takes by the clock, and of the processor, in turns: svcfx's
board as `svcfx live` plays it, and the fork's `RealtimeVC` as `svc vc --version 1` does. No sound card and no
waiting. A block holds where 99 of 100 take less than 0.7 of their length. A voice of full size with random
weights, two threads, song and environments as in `peer_fork.py`.

What comes by the clock is of a quiet machine alone: the load and the cores that a run got stand beside it.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import peer_fork
import soundfile
from judging import results
from peer import environment

LENGTHS_MS = (1280, 640, 480, 320, 280, 240, 200, 160, 120, 80)
FORK, LEAST, OURS, BF16 = "fork, as svc vc", "fork, least context", "svcfx", "svcfx bf16"
HOLDS, KEEPS_UP = 0.7, 1.0
BLOCKS_LATE = 2
"""A block is captured, processed while the next is captured, and played after that: of both programs."""
TOO_SHORT = 3
"""After so many lengths in a row that do not keep up, no shorter one is tried."""


@dataclass(frozen=True)
class Row:
    """One program's blocks of one length."""

    who: str
    block_ms: int
    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    late_seconds: float

    def share(self, percent: float, seconds: tuple[float, ...]) -> float:
        """A percentile of times, as a share of the block."""
        return float(np.percentile(seconds, percent)) * 1000.0 / self.block_ms

    @property
    def latency_ms(self) -> float:
        """From captured to played."""
        return BLOCKS_LATE * self.block_ms + 1000.0 * self.late_seconds

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows."""
        shares = [
            self.share(percent, times)
            for percent, times in ((50, self.wall), (99, self.wall), (50, self.cpu), (99, self.cpu))
        ]
        cores = sum(self.cpu) / sum(self.wall)
        shown = [f"{share:.2f}" for share in shares]
        return (
            self.who,
            str(self.block_ms),
            str(len(self.wall)),
            *shown,
            f"{cores:.2f}",
            f"{self.latency_ms:.0f}",
        )


class Player:
    """A program in a process of its own, asked for one length after the other."""

    def __init__(self, interpreter: Path | str, script: str, song: Path, threads: int) -> None:
        env = os.environ | {
            "OMP_NUM_THREADS": str(threads),
            "SVCFX_HOME": str(peer_fork.HOME),
            "HF_HUB_OFFLINE": "1",
        }
        command = [str(interpreter), str(peer_fork.HERE / "peer" / script), str(song)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=peer_fork.WORK,
            env=env | peer_fork.MALLOC,
        )

    def play(self, who: str, block_ms: int, seconds: float) -> Row:
        """That many seconds of the song in blocks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"who": who, "block_ms": block_ms, "seconds": seconds}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{who} ended with {self._process.wait()}")
        found = json.loads(line)
        return Row(who, block_ms, tuple(found["wall"]), tuple(found["cpu"]), found["late"])

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Prepare, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of song for each length of blocks")
    parser.add_argument("--lengths", default=",".join(map(str, LENGTHS_MS)), help="of blocks, in ms")
    parser.add_argument(
        "--threads", type=int, default=2, help="1 where others are at work, for the processor's time"
    )
    parser.add_argument("--keep", action="store_true", help="write the tables into RESULTS.md")
    options = parser.parse_args()
    peer_fork.prepare()
    song = peer_fork.WORK / "song.npy"
    np.save(song, soundfile.read(peer_fork.WORK / "song.wav", dtype="float32")[0])
    fork = Player(environment.python(), "live_fork.py", song, options.threads)
    ours = Player(sys.executable, "live_svcfx.py", song, options.threads)
    contests = {FORK: fork, LEAST: fork, OURS: ours} | ({BF16: ours} if peer_fork.HAS_BF16 else {})
    before = os.getloadavg()[0]
    rows = measured(contests, [int(length) for length in options.lengths.split(",")], options.seconds)
    for player in (fork, ours):
        player.close()
    text = "\n\n".join([table(rows), verdicts(rows, list(contests)), load(before)])
    print(text)
    if options.keep:
        results.write("Live, beside so-vits-svc-fork", f"By `python benchmarks/live.py`.\n\n{text}")


def measured(contests: dict[str, Player], lengths_ms: list[int], seconds: float) -> list[Row]:
    """Every program at every length, in turns, until it no longer keeps up."""
    rows: list[Row] = []
    failed = dict.fromkeys(contests, 0)
    for block_ms in lengths_ms:
        for who, player in contests.items():
            if failed[who] >= TOO_SHORT:
                continue
            row = player.play(who, block_ms, seconds)
            rows.append(row)
            failed[who] = failed[who] + 1 if row.share(99, row.wall) > KEEPS_UP else 0
            print(*row.cells, sep="\t", file=sys.stderr, flush=True)
    return rows


def table(rows: list[Row]) -> str:
    """All that was measured; times are shares of the block."""
    head = (
        "program", "block, ms", "blocks", "clock, median", "clock, p99",
        "processor, median", "processor, p99", "cores", "latency, ms",
    )  # fmt: skip
    return results.table(head, [row.cells for row in rows])


def verdicts(rows: list[Row], contests: list[str]) -> str:
    """The smallest block that holds, of each."""
    head = ("program", f"smallest block, p99 < {HOLDS}", "latency, ms", f"p99 < {KEEPS_UP:g}", "latency, ms")
    lines = []
    for who in contests:
        cells = [who]
        for most in (HOLDS, KEEPS_UP):
            held = [row for row in rows if row.who == who and row.share(99, row.wall) < most]
            least = min(held, key=lambda row: row.block_ms, default=None)
            cells += [f"{least.block_ms} ms", f"{least.latency_ms:.0f}"] if least else ["none", ""]
        lines.append(tuple(cells))
    return results.table(head, lines)


def load(before: float) -> str:
    """How busy the machine was with other things."""
    return f"The load was {before:.1f} before and {os.getloadavg()[0]:.1f} after, on {os.cpu_count()} cores."


if __name__ == "__main__":
    main()
