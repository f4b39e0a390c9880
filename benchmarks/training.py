"""Steps of training beside so-vits-svc-fork's modules in a plain loop: `python benchmarks/training.py`.

Both train the fork's network of full size in float32 on the same two takes of 5 s; they take turns, each run
in a process of its own, the first step not counted. Processor seconds are compared beside the wall clock,
because a machine that is shared tells of itself on the clock.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from judging import results
from peer import environment

from svcfx.training import index, items
from svcfx.training.engine import engine
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item
from svcfx.training.vits.recipe import VitsRecipe
from svcfx.training.vits.spectra import Spectra
from svcfx.training.vits.trainer import VitsTrainer

HERE = Path(__file__).parent
FRAMES, HOP = 430, 512
Times = list[tuple[float, float]]


def main() -> None:
    """Prepare, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    env = os.environ | {"OMP_NUM_THREADS": str(options.threads)}
    found: dict[str, Times] = {"fork": [], "svcfx": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for who in ["fork", "svcfx"] * options.runs:
            found[who] += run(who, folder, options.steps, env)
            print(f"{who:6s} {found[who][-1][0]:6.2f} s a step", file=sys.stderr, flush=True)
    text = report(found, options.threads)
    print(text)
    results.write("Training beside so-vits-svc-fork", f"By `python benchmarks/training.py`.\n\n{text}")


def prepare(folder: Path) -> None:
    """Two takes as our dataset, and as the batch that is made of it."""
    for number in range(2):
        items.write(take(number), folder / f"{number}.npz")
    entries = tuple(DatasetEntry(f"{number}.npz", "one", FRAMES) for number in range(2))
    index.write(
        DatasetIndex(sample_rate=44100, hop=HOP, fft=2048, content_encoder="vec768l12", pitch="swift",
              singers=("one",), entries=entries),
        folder,
    )  # fmt: skip
    recipe = VitsRecipe(family="fork", batch=2)
    trainer = VitsTrainer(folder, folder / "none", recipe, engine(accelerator="cpu"))
    batch = trainer.reader.parts(0)[0].batch
    np.savez(folder / "batch.npz", **{name: value.numpy() for name, value in vars(batch).items()})
    (folder / "config.json").write_text(json.dumps(trainer.document))


def take(seed: int) -> Item:
    """A gliding tone in noise."""
    random = np.random.default_rng(seed)
    f0 = np.linspace(180, 320, FRAMES, dtype=np.float32)
    audio = 0.2 * np.sin(2 * np.pi * np.cumsum(np.repeat(f0, HOP) / 44100))
    audio = (audio + 0.01 * random.standard_normal(FRAMES * HOP)).astype(np.float32)
    spectrogram = Spectra().magnitudes(torch.from_numpy(audio)[None])[0].numpy()
    content = random.standard_normal((768, FRAMES * 50 * HOP // 44100), np.float32)
    flat = np.ones(FRAMES, np.float32)
    return Item("one", content, f0, flat, 0.1 * flat, spectrogram, audio)


def run(who: str, folder: Path, steps: int, env: dict[str, str]) -> Times:
    """Steps of one process."""
    out = folder / f"{who}.json"
    if who == "fork":
        command = [environment.python(), HERE / "steps/fork.py", folder / "batch.npz", folder / "config.json"]
    else:
        command = [sys.executable, HERE / "steps/ours.py", folder]
    subprocess.run([*map(str, command), str(steps), str(out)], env=env, check=True, capture_output=True)
    made: Times = json.loads(out.read_text())
    return made


def report(found: dict[str, Times], threads: int) -> str:
    """Medians, and how they compare."""
    rows = []
    middles = {
        who: [statistics.median(column) for column in zip(*times, strict=True)]
        for who, times in found.items()
    }
    for at, name in enumerate(("clock, s a step", "processor, s a step")):
        fork, ours = middles["fork"][at], middles["svcfx"][at]
        rows.append((name, f"{fork:.2f}", f"{ours:.2f}", f"{fork / ours:.2f}"))
    steps = len(found["fork"])
    cores = min(processor / clock for times in found.values() for clock, processor in times)
    note = (
        f"Medians of {steps} steps each, {threads} threads; at least 1.0 is wanted. The least that a step got"
        f" was {cores:.2f} cores: far below the threads, the clock tells of the machine alone."
    )
    return f"{results.table(('', 'fork', 'svcfx', 'fork / svcfx'), rows)}\n\n{note}"


if __name__ == "__main__":
    main()
