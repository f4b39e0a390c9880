"""The refiner of finished nets, trained on the bank."""

from pathlib import Path

import numpy as np
import torch

from factory.material import Material
from factory.ship import REFINER, net_of
from factory.singers import SHIPPED
from svcfx.chain.parametric.nets import Envelope
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.refiner import Refiner
from svcfx.training.parametric.dataset import Batch
from svcfx.training.parametric.reader import Reader
from svcfx.training.parametric.refining import RefinerPlan, RefinerTrainer


class BankRefiner(RefinerTrainer):
    """The package's refiner training on crops of the bank."""

    def __init__(self, net: ParametricNet, bank: Material, plan: RefinerPlan, folder: Path) -> None:
        self.net, self.bank, self.plan, self.folder = net, bank, plan, folder
        self.singers = torch.stack([net.singer(name) for name in SHIPPED])
        torch.manual_seed(plan.seed)
        self.refiner = Refiner(plan.config, net.config.embedding)
        self.mean = Refiner(plan.config, net.config.embedding)
        self.reader = Reader()
        self.optimiser = torch.optim.AdamW(
            [*self.refiner.parameters(), *self.reader.parameters()],
            plan.rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
        )
        self.step = 0
        if (folder / "refiner.pt").exists():
            self._restore()
        else:
            self.refiner.scale.copy_(self._spread())
            self.mean.load_state_dict(self.refiner.state_dict())

    @torch.no_grad()
    def _crops(self, random: np.random.Generator) -> tuple[Batch, Envelope]:
        who = random.integers(0, len(SHIPPED), self.plan.batch)
        batch = self.bank.draw(who, self.plan.frames, random, self.net.reference).batch
        content = self.net.encoder(batch.log_mel)
        made = self.net.decoder(content, batch.controls, self.singers[batch.identity])
        return batch, Envelope(*(part.float() for part in made))


def refine(run: Path, material: Material, steps: int) -> None:
    """Train, and keep the refiner beside the run's state."""
    net = net_of(torch.load(run / "state.pt", weights_only=True), material.table.names)
    plan = RefinerPlan(steps=steps, batch=16, warmup=40, report_every=20, decay=0.99)
    refiner = BankRefiner(net, material, plan, run).run(lambda line: print(line, flush=True))
    torch.save({"refiner": refiner.state_dict(), "steps": steps}, run / REFINER)
