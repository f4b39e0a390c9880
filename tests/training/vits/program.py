"""Training in a process of its own: `run DATASET OUT STEPS`, `gradients DATASET OUT BATCH WORLD`, or
`svcfx ...`, the real command with small networks that learn without dropout.
"""

import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
from training.vits import made

from svcfx.cli.main import main
from svcfx.training import distributed
from svcfx.training.engine import engine
from svcfx.training.plan import TrainingPlan
from svcfx.training.vits.losses import StepShare
from svcfx.training.vits.recipe import VitsRecipe
from svcfx.training.vits.trainer import VitsTrainer


def run(dataset: Path, out: Path, steps: int) -> None:
    """Train, with a state at each step."""
    plan = TrainingPlan(steps=steps, check_every=1, report_every=1, keep=steps, patience=0)
    VitsTrainer(dataset, out, made.SMALL, engine(accelerator="cpu")).run(plan)


def gradients(dataset: Path, out: Path, batch: int, world: int) -> None:
    """The gradients of the first step, all devices together, written by the first."""
    recipe = replace(made.SMALL, batch=batch, dropout=0.0)
    trainer = VitsTrainer(dataset, out, recipe, engine(accelerator="cpu", devices=world))
    share = StepShare(*trainer.reader.items_and_frames(0))
    terms, sung = trainer.learner.sing(trainer.reader.parts(0), share)
    terms |= trainer.learner.tell(sung, share)
    terms = distributed.reduce_terms(trainer.engine, terms, trainer.joined)
    for network in trainer.networks.values():
        distributed.reduce_gradients(trainer.engine, network, trainer.joined)
    found = {
        name: {key: parameter.grad for key, parameter in network.named_parameters()}
        for name, network in trainer.networks.items()
    }
    if trainer.engine.is_global_zero:
        facts = {"gradients": found, "terms": terms, "world": trainer.engine.world_size}
        torch.save(facts, out.with_suffix(".pt"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    made.shrink()
    if sys.argv[1] == "svcfx":
        VitsRecipe.__init__.__kwdefaults__["dropout"] = 0.0  # what it drops depends on the device
        main(sys.argv[2:])
    what, place, where, *counts = sys.argv[1:]
    {"run": run, "gradients": gradients}[what](Path(place), Path(where), *map(int, counts))
