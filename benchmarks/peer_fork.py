"""svcfx beside so-vits-svc-fork, same voice, song, threads: `python benchmarks/peer_fork.py [--runs 5]`.

The fork is installed from PyPI in an environment of its own on the first call. Both get the checkpoint of
full size that the parity vectors draw, 60 s of singing with pauses, two threads and glibc told to keep its
memory; they take turns, each run in a process of its own, warmed up by 6 s. A run in which two threads got
less than 1.8 cores tells of the machine, not of the program: it is marked.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pitch
import torch
from judging import results
from peer import environment, material, roofline

from svcfx.chain.config import PitchName
from svcfx.chain.nets import precision

HERE = Path(__file__).parent
WORK = environment.CACHE / "work"
HOME = WORK / "home"
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "8589934592",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "536870912",
}
STAGES = ("resample", "content", "f0", "prior", "flow", "decoder", "generator", "whole")
CONTESTS = (
    "fork dio",
    "svcfx dio",
    "svcfx dio bf16",
    "svcfx swift bf16",
    "fork dio untuned",
    "svcfx dio untuned",
)
HAS_BF16 = precision.has_bf16(torch.device("cpu"))
ENOUGH_CORES = 1.8
TRACKERS: tuple[PitchName, ...] = ("swift", "dio", "crepe-tiny")
Run = dict[str, float]


def main() -> None:
    """Prepare, compare outputs, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--crepe-runs", type=int, default=1, help="of the fork with crepe, minutes each")
    options = parser.parse_args()
    prepare()
    contests = [contest for contest in CONTESTS if "bf16" not in contest.split() or HAS_BF16]
    left_out = [contest for contest in CONTESTS if contest not in contests]
    skipped = [f"Skipped: {contest}, as this processor has no bf16." for contest in left_out]
    rounds = [contests] * options.runs + [["fork crepe"]] * options.crepe_runs
    found: dict[str, list[Run]] = {}
    for contest in (contest for turn in rounds for contest in turn):
        found.setdefault(contest, []).append(run(contest))
        last = found[contest][-1]
        print(
            f"{contest:18s} {last['whole']:6.2f} s on {last['cores']:.2f} cores", file=sys.stderr, flush=True
        )
    parts = [equality(), stages(found), verdicts(found), trackers(), roofline.report()]
    text = "\n\n".join([*parts, *skipped])
    print(text)
    if options.runs >= 5:
        results.write("Beside so-vits-svc-fork", f"By `python benchmarks/peer_fork.py`.\n\n{text}")


def prepare() -> None:
    """The song, the voice, and our shelf with both on it."""
    environment.python()
    shelve()


def shelve() -> None:
    """Make the song and the voice, and put the voice on a shelf of its own."""
    material.make(WORK)
    if not (HOME / "voices/peer").exists():
        cli = [sys.executable, "-m", "svcfx", "voices"]
        hub, home = str(WORK / material.HUB), {"SVCFX_HOME": str(HOME)}
        subprocess.run([*cli, "pull", "contentvec", "--from", hub], env=os.environ | home, check=True)
        add = ["add", str(WORK), "--name", "peer"]
        subprocess.run([*cli, *add], env=os.environ | home, check=True)


def run(contest: str, chunks: str | None = None) -> Run:
    """One process of "PROGRAM PITCH [bf16] [untuned]"."""
    who, pitch, *more = contest.split()
    out = WORK / "run.json"
    env = os.environ | {"OMP_NUM_THREADS": "2", "SVCFX_HOME": str(HOME), "HF_HUB_OFFLINE": "1"}
    if "untuned" not in more:
        env |= MALLOC
    if who == "fork":
        command = [environment.python(), HERE / "peer/run_fork.py", WORK, pitch, out]
    else:
        precision = "bf16" if "bf16" in more else "fp32"
        command = [sys.executable, HERE / "peer/run_svcfx.py", WORK, pitch, precision, out]
    subprocess.run([*map(str, command), *([chunks] if chunks else [])], env=env, cwd=WORK, check=True)
    if chunks:
        return {}
    found: Run = json.loads(out.read_text())
    if "hearing" in found:
        found["resample"] = found["hearing"] - found["content"]
    return found


def equality() -> str:
    """Largest difference of the two programs' chunks, all randomness zeroed."""
    both = []
    for who in ("fork dio", "svcfx dio"):
        path = WORK / f"{who.split()[0]}.npz"
        run(who, str(path))
        with np.load(path) as arrays:
            both.append([arrays[name] for name in arrays.files])
    theirs, ours = (sorted(chunks, key=lambda chunk: (len(chunk), float(chunk.sum()))) for chunks in both)
    same = [a.shape for a in theirs] == [b.shape for b in ours]
    if not same:
        return f"The programs cut the song differently: {len(theirs)} chunks and {len(ours)}."
    apart = max(float(np.abs(a - b).max()) for a, b in zip(theirs, ours, strict=True))
    loud = float(np.sqrt(np.mean(np.square(np.concatenate(theirs)))))
    return (
        f"Equal output: over {len(ours)} chunks, without randomness, the largest difference is {apart:.1e} "
        f"beside an RMS of {loud:.2f}."
    )


def stages(found: dict[str, list[Run]]) -> str:
    """Medians in seconds for 60 s of song."""
    fork, ours = found["fork dio"], found["svcfx dio"]
    others = [contest for contest in CONTESTS[2:] if contest in found]
    rows = []
    for stage in STAGES:
        a, b = middle(fork, stage), middle(ours, stage)
        ratio = a / b
        wanted = 1.1 if stage == "whole" else 1 / 1.05
        more = [f"{middle(found[contest], stage):.2f}" for contest in others]
        rows.append(
            (stage, f"{a:.2f}", f"{b:.2f}", f"{ratio:.2f}", "yes" if ratio >= wanted else "NO", *more)
        )
    for name, key in (("cpu / wall", "cores"), ("peak memory, MB", "peak_mb")):
        figures = [middle(found[contest], key) for contest in (*CONTESTS[:2], *others)]
        shown = [f"{value:.2f}" if key == "cores" else f"{value:.0f}" for value in figures]
        rows.append((name, *shown[:2], "", "", *shown[2:]))
    short = min(run["cores"] for runs in found.values() for run in runs)
    note = f"The least that a run got was {short:.2f} cores; {ENOUGH_CORES} are wanted."
    head = ("stage, s", "fork dio", "svcfx dio", "fork / svcfx", "bar met", *others)
    return f"{results.table(head, rows)}\n\n{note}"


def verdicts(found: dict[str, list[Run]]) -> str:
    """The whole chain against what people run."""
    pairs = (
        ("svcfx fp32 dio, fork dio", "fork dio", "svcfx dio", ">= 1.1"),
        ("svcfx bf16 swift, fork dio", "fork dio", "svcfx swift bf16", ">= 1.8"),
        ("svcfx bf16 swift, fork crepe", "fork crepe", "svcfx swift bf16", ">= 8"),
        ("untuned: svcfx fp32 dio, fork dio", "fork dio untuned", "svcfx dio untuned", ""),
    )
    rows = [
        (name, _times(found, theirs, ours), bar)
        for name, theirs, ours, bar in pairs
        if theirs in found and ours in found
    ]
    table = [
        (name, f"{times:.2f}", f"{bar}: {'yes' if times >= float(bar[3:]) else 'NO'}" if bar else "")
        for name, times, bar in rows
    ]
    return results.table(("whole chain", "times as fast", "bar met"), table)


def trackers() -> str:
    """How well the trackers of these contests follow a voice of known pitch."""
    rows = []
    for name in TRACKERS:
        heard = pitch.accuracy(name)
        figures = [(each.median_cents, each.octave_percent) for each in (heard.clean, heard.noisy)]
        rows.append((name, *(f"{value:.1f}" for pair in figures for value in pair)))
    head = ("tracker", "cents, clean", "octave errors, %", "cents, 20 dB SNR", "octave errors, %")
    return results.table(head, rows)


def _times(found: dict[str, list[Run]], theirs: str, ours: str) -> float:
    return middle(found[theirs], "whole") / middle(found[ours], "whole")


def middle(runs: list[Run], key: str) -> float:
    """Median over runs."""
    return statistics.median(run.get(key, 0.0) for run in runs)


if __name__ == "__main__":
    main()
