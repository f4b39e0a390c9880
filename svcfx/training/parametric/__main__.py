"""Make the voice that ships: material, training, weights and card. Progress on stderr; resumable.

    python -m svcfx.training.parametric --minutes 50 --out svcfx/voices/builtin

Needs flite, espeak-ng and the `train` extra. Run again after an interruption and it goes on. The material is
a function of `--seed`; so is training with `--steps`, up to the rounding of another machine's bfloat16 and
threads. With `--minutes` the number of steps depends on the machine; the card says how many there were.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads fighting torch's cost 50 times the work
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from svcfx.errors import SvcfxError
from svcfx.training.parametric import bank, dataset
from svcfx.training.parametric.shipping import ship
from svcfx.training.parametric.trainer import Plan, Trainer

VALIDATION_TEXTS = 24


def main(arguments: list[str] | None = None) -> int:
    """Run every stage that is not done yet; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        _make(asked)
    except SvcfxError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _make(asked: argparse.Namespace) -> None:
    folder: Path = asked.work
    held = [bank.VALIDATION_FROM + i for i in range(VALIDATION_TEXTS)]
    numbers = [*held, *range(asked.texts)]
    for done in bank.fill(folder / "bank", numbers, asked.seed, asked.workers):
        if done % 20 == 0 or done == len(numbers):
            _say(f"material: {done} of {len(numbers)} texts")
    material = dataset.read([bank.path_of(folder / "bank", i) for i in range(asked.texts)])
    checked = dataset.read([bank.path_of(folder / "bank", i) for i in held])
    torch.set_num_threads(asked.workers)
    plan = Plan(seconds=60.0 * asked.minutes, steps=asked.steps, seed=asked.seed)
    trainer = Trainer(material, checked, plan, folder)
    _say(f"training on {material.minutes:.0f} minutes from step {trainer.step}")
    figures = trainer.run(_say)
    made = {
        "texts": asked.texts,
        "minutes_of_material": material.minutes,
        "takes": len(material.takes),
        "steps": trainer.step,
        "minutes_of_training": trainer.elapsed / 60.0,
        "seed": asked.seed,
    }
    _say(f"wrote {ship(trainer, asked.out, made | trainer.recent | figures)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m svcfx.training.parametric", description="Make the voice that ships."
    )
    parser.add_argument("--texts", type=int, default=800, help="texts to speak (default 800)")
    parser.add_argument("--minutes", type=float, default=50.0, help="training time (default 50)")
    parser.add_argument("--steps", type=int, help="train this many steps instead of a time")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--workers", type=int, default=2, help="processes and threads (default 2)")
    parser.add_argument("--work", type=Path, default=Path("build/voices"), help="material and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("build/voices/made"), help="weights and card")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
