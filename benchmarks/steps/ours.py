"""Our own step on the same batch, running average, clipping and all. DATASET STEPS OUT.json."""

import json
import sys
import time
from pathlib import Path

from svcfx.training.engine import engine
from svcfx.training.vits.recipe import VitsRecipe
from svcfx.training.vits.trainer import VitsTrainer


def main(dataset: str, steps: str, out: str) -> None:
    """Seconds and processor seconds of each step after the first."""
    recipe = VitsRecipe(family="fork", batch=2)
    trainer = VitsTrainer(Path(dataset), Path(out).with_suffix(""), recipe, engine(accelerator="cpu"))
    parts = trainer.reader.parts(0)
    times = []
    for step in range(int(steps) + 1):
        began = time.perf_counter(), time.process_time()
        trainer.advance(step, parts)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    Path(out).write_text(json.dumps(times[1:]))


if __name__ == "__main__":
    main(*sys.argv[1:])
