"""The refiner of finished nets, trained on the bank."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from factory.material import Material
from factory.ship import REFINER, net_of
from factory.singers import SHIPPED
from svcfx.training.parametric.dataset import Batch
from svcfx.training.parametric.refining import RefinerPlan, RefinerTrainer


def refine(run: Path, material: Material, steps: int) -> None:
    """Train, and keep the refiner beside the run's state."""
    net = net_of(torch.load(run / "state.pt", weights_only=True), material.table.names)
    plan = RefinerPlan(steps=steps, batch=16, warmup=40, report_every=20, decay=0.99)

    def drawn(who: NDArray[np.int64], random: np.random.Generator) -> Batch:
        return material.draw(who, plan.frames, random, net.reference).batch

    trainer = RefinerTrainer(net, list(SHIPPED), drawn, plan, run)
    refiner = trainer.run(lambda line: print(line, flush=True))
    torch.save({"refiner": refiner.state_dict(), "steps": steps}, run / REFINER)
