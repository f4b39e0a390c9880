"""Many songs and long ones: `python benchmarks/throughput.py [--only workers | length | around]`.

**workers**: 16 takes by `svcfx batch` and four songs by `svcfx render`, shared by processes; each command's
whole time counts, its start and that of its workers too. **length**: what a minute of a stem costs, from one
minute to 60. **around**: the share of a first render that is no voice's, with a 4.0 voice of full size on the
demo's lead: reading, boards, mix, hashes, store, writing.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import again
import cluster
import memory
import peer_fork
from judging import converter, pairs, results, sources, spent

ROUNDS, TAKES, SONGS = 2, 16, 4
WORKERS = {
    "1 process of 1 thread": (1, 1),
    "2 processes of 1 thread": (2, 1),
    "1 process of 2 threads": (1, 2),
}
MINUTES = (1.0, 10.0, 60.0)
LEAST, LEAST_SONGS, FLAT, AROUND = 1.7, 1.1, 0.1, 0.1


def main() -> None:
    """Measure what is asked for, print, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {"workers": workers, "length": length, "around": around}
    parser.add_argument("--only", choices=parts)
    asked = parser.parse_args().only
    texts = []
    for name, part in parts.items():
        if asked in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                texts.append(part(Path(folder)))
            print(texts[-1], flush=True)
    if asked is None:
        results.write("Throughput", "\n\n".join(texts))


def workers(folder: Path) -> str:
    """The best of some rounds, in turns."""
    seconds = cluster.takes(folder / "takes", TAKES)
    songs = [again.demo(folder / f"song{number}") / "session.toml" for number in range(SONGS)]
    batch = ["batch", "takes", "-p", "lead-vela", "-o", "out", "--no-cache", "--quiet"]
    render = [
        "render",
        *(str(path.relative_to(folder)) for path in songs),
        "-o",
        "out",
        "--no-cache",
        "--quiet",
    ]
    rows, found = [], {}
    for what, command in (("takes", batch), ("songs", render)):
        runs = [(way, _run(folder, command, *WORKERS[way])) for _ in range(ROUNDS) for way in WORKERS]
        assert len({files for _, (_, files) in runs}) == 1, "DIFFERENT BYTES"
        for way in WORKERS:
            found[what, way] = min(took for name, (took, _) in runs if name == way)
            rows.append(
                (f"{len(songs) if what == 'songs' else TAKES} {what}", way, f"{found[what, way]:.1f}")
            )
    one, two, wide = WORKERS
    shares = (
        ("takes", one, LEAST),
        ("takes", wide, 1.0),
        ("songs", one, None),
        ("songs", wide, LEAST_SONGS),
    )
    for what, other, least in shares:
        share = found[what, other] / found[what, two]
        met = "" if least is None else f", at least {least:g}: {'yes' if share >= least else 'NO'}"
        rows.append((what, f"{two} against {other}", f"{share:.2f} times{met}"))
    said = f"{seconds:.0f} s of takes; all ways gave the same bytes."
    return f"{results.table(('what', 'how', 'seconds'), rows)}\n\n{said}"


def _run(folder: Path, command: list[str], jobs: int, threads: int) -> tuple[float, tuple[bytes, ...]]:
    """Seconds of a command, and what it wrote."""
    env = {**again.INSTALLED, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))}
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "svcfx", *command, "--jobs", str(jobs)],
        cwd=folder,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    took = time.monotonic() - began
    made = tuple(path.read_bytes() for path in sorted((folder / "out").rglob("*.wav")))
    shutil.rmtree(folder / "out")
    return took, made


def length(folder: Path) -> str:
    """Processor seconds of `svcfx convert` a minute of audio, beyond those of its start."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)

    def took(minutes: float) -> float:
        """What is in the middle of five short runs: a start takes half a second more or less."""
        command = memory.command_on(folder, stem, minutes)
        return statistics.median(_processor(command) for _ in range(5 if minutes <= 1.0 else 1))

    start = took(1 / 60)
    cost = {minutes: (took(minutes) - start) / minutes for minutes in MINUTES}
    least, most = min(cost.values()), max(cost.values())
    flat = most / least - 1.0
    rows = [(f"{minutes:g} min", f"{seconds:.2f}") for minutes, seconds in cost.items()]
    rows.append(("apart", f"{flat:.3f}, at most {FLAT:g}: {'yes' if flat <= FLAT else 'NO'}"))
    return results.table(("a stem of", "processor seconds a minute, start left out"), rows)


def _processor(command: list[str]) -> float:
    """Processor seconds of a command."""
    before = os.times()
    subprocess.run(command, env=again.INSTALLED, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def around(folder: Path) -> str:
    """Seconds of the voices, of what is around them, and of what else a first render does once."""
    peer_fork.shelve()
    song = again.demo(folder / "song")
    again.edited("lead.toml", 'voice = "vela"', 'voice = "peer"')(song)
    again.edited("session.toml", 'cc_tracks = ["lead"]', "cc_tracks = []")(song)  # it has no formant to move
    env = {**again.INSTALLED, "SVCFX_HOME": str(peer_fork.HOME)}
    done = subprocess.run(
        [sys.executable, spent.__file__, song / "session.toml", folder / "out", folder / "cache"],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(done.stdout)
    whole, parts = told["whole"], told["spent"]
    singing = sum(told["voices"].values())
    of_list = sum(parts.get(name, 0.0) for name in spent.AROUND)
    rows = [(name, f"{parts[name]:.2f}") for name in (spent.VOICES, *spent.AROUND) if name in parts]
    rows += [
        (name, f"{parts[name]:.2f}") for name in sorted(parts) if (name,) not in {row[:1] for row in rows}
    ]
    rows.append(("by the clock", f"{whole:.2f}"))
    met = "yes" if of_list / whole <= AROUND else "NO"
    rows.append((f"share of {', '.join(spent.AROUND)}", f"{of_list / whole:.3f}, at most {AROUND:g}: {met}"))
    rows.append(("share of all that is no voice's", f"{1.0 - singing / whole:.3f}"))
    return results.table(("the demo with a 4.0 voice, first render", "seconds"), rows)


if __name__ == "__main__":
    main()
