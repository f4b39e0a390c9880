"""The refiner of finished nets: what their decoder misses of the singers' own envelopes, learned on the bank.

`refiner.pt` in the run's folder holds everything needed to go on; a run is a function of its seed and its
number of steps.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from factory.material import Batch, Material
from factory.reader import Reader, reading
from factory.ship import REFINER, net_of
from factory.singers import SHIPPED
from svcfx.chain.nets import precision
from svcfx.chain.parametric import redrawing
from svcfx.chain.parametric.bands import BANDS
from svcfx.chain.parametric.nets import Envelope, at_loudness_zero
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.refiner import SCHEDULE, SPREAD, EnvelopeRefiner, RefinerConfig, amounts
from svcfx.training.average import Average
from svcfx.training.tuning.losses import variance

Report = Callable[[str], None]
Draw = Callable[[NDArray[np.int64], np.random.Generator], Batch]
TRUSTED = 0.6
"""Frames of which less is sure teach nothing: their residual is another phone's."""
FOREIGN = 3.0
"""Nor do frames that are missed by more than so many times the usual power: there phones end elsewhere."""
CLARITY, VARIANCE = 0.5, 1.0
"""Weights of what a reader of phones and the singer's own variance ask of denoised envelopes. Without them
the mean of all guesses is flat, and only noise, which blurs words, would bring variance back."""
SCALE_BATCHES = 8


@dataclass(frozen=True)
class RefinerPlan:
    """How long a refiner is trained, and on what crops."""

    steps: int = 160
    seed: int = 2026
    batch: int = 16
    frames: int = 160
    rate: float = 2e-3
    warmup: int = 40
    decay: float = 0.99
    report_every: int = 20
    save_every_s: float = 120.0
    config: RefinerConfig = field(default_factory=RefinerConfig)


def refine(run: Path, material: Material, steps: int) -> None:
    """Train, and keep the refiner beside the run's state."""
    net = net_of(torch.load(run / "state.pt", weights_only=True), material.table.names)
    plan = RefinerPlan(steps=steps)

    def drawn(who: NDArray[np.int64], random: np.random.Generator) -> Batch:
        return material.draw(who, plan.frames, random, net.reference).batch

    trainer = RefinerTrainer(net, list(SHIPPED), drawn, plan, run)
    refiner = trainer.run(lambda line: print(line, flush=True))
    torch.save({"refiner": refiner.state_dict(), "steps": steps}, run / REFINER)


def half() -> AbstractContextManager[object]:
    """What a step multiplies in: bfloat16 where a processor has it; emulated, it took five times as long."""
    return torch.autocast("cpu", torch.bfloat16, enabled=precision.has_bf16(torch.device("cpu")))


class RefinerTrainer:
    """A run for one voice; it goes on from `folder/refiner.pt` when there is one.

    `drawn` gives the batch, disturbed, whose targets are these rows (B,) of `singers`.
    """

    def __init__(
        self, net: ParametricNet, singers: Sequence[str], drawn: Draw, plan: RefinerPlan, folder: Path
    ) -> None:
        self.net, self.drawn, self.plan, self.folder = net, drawn, plan, folder
        self.singers = torch.stack([net.singer(name) for name in singers])
        torch.manual_seed(plan.seed)
        self.refiner = EnvelopeRefiner(plan.config, net.config.embedding)
        self.reader = Reader()
        self.optimiser = torch.optim.AdamW(
            [*self.refiner.parameters(), *self.reader.parameters()],
            plan.rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
            fused=True,
        )
        self.step = 0
        begun = (folder / "refiner.pt").exists()
        if not begun:
            self.refiner.scale.copy_(self._spread())
        self.average = Average(self.refiner, plan.decay)
        if begun:
            self._restore()

    def run(self, report: Report) -> EnvelopeRefiner:
        """Train to the end of the plan; returns the refiner whose weights are averaged over the steps."""
        saved, recent = time.monotonic(), 0.0
        while self.step < self.plan.steps:
            recent += self.advance() / self.plan.report_every
            if self.step % self.plan.report_every == 0:
                report(f"refiner: step {self.step} of {self.plan.steps}, loss {recent:.4f}")
                recent = 0.0
            if time.monotonic() - saved > self.plan.save_every_s:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.average.network

    def advance(self) -> float:
        """One step; returns its loss: 1 is what the best linear guess leaves."""
        plan, random = self.plan, np.random.default_rng((self.plan.seed, self.step, 1))
        batch, made = self._crops(random)
        residual = self._residual(batch, made)
        at = torch.from_numpy(random.uniform(0.0, SCHEDULE.timesteps - 1.0, plan.batch))
        alpha, sigma = (part.float()[:, None, None] for part in amounts(at))
        noise = self._noise(random)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        with half():
            heard = self.refiner.condition(made, batch.controls, self.singers[batch.identity])
            found = self.refiner(alpha * residual + sigma * noise, at, heard).float()
        # The net's own part is a unit: what the linear guess leaves of the noise, over its deviation.
        unit = (alpha / SPREAD) * ((alpha / SPREAD) ** 2 + sigma**2).rsqrt()
        weight = self._weight(batch, residual)
        error = ((found - noise) / unit) ** 2 * weight
        loss = error.sum() / weight.sum().clamp_min(1.0) / residual.shape[1]
        denoised = residual + sigma / alpha * (noise - found)
        blur = torch.from_numpy(random.standard_normal(tuple(batch.envelope.shape), np.float32))
        envelope = self._envelope(made, denoised)
        with half():
            terms = reading(self.reader, envelope, batch, blur)
        total = loss + terms["reader"] + CLARITY * terms["clarity"]
        total = total + VARIANCE * variance(envelope, batch.envelope, weight[:, 0])
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.refiner.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.average.follow(self.refiner, self.step)
        return float(loss.detach())

    def save(self) -> None:
        """Write `refiner.pt` in one move."""
        state = {
            "refiner": self.refiner.state_dict(),
            "mean": self.average.network.state_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        partial = self.folder / "refiner.partial"
        torch.save(state, partial)
        partial.replace(self.folder / "refiner.pt")

    def _restore(self) -> None:
        state = torch.load(self.folder / "refiner.pt", weights_only=True)
        self.refiner.load_state_dict(state["refiner"])
        self.average.network.load_state_dict(state["mean"])
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

    def _noise(self, random: np.random.Generator) -> torch.Tensor:
        """Noise (B, 80, T) as a render draws it."""
        shape = (self.plan.batch, self.plan.frames + 2 * redrawing.REACH, BANDS)
        white = random.standard_normal(shape, np.float32)
        return torch.from_numpy(np.stack([redrawing.smooth(one).T for one in white]))

    def _rate(self) -> float:
        rising = min(1.0, (self.step + 1) / self.plan.warmup)
        falling = 0.5 + 0.5 * math.cos(math.pi * self.step / self.plan.steps)
        return self.plan.rate * rising * (0.02 + 0.98 * falling)

    @torch.no_grad()
    def _crops(self, random: np.random.Generator) -> tuple[Batch, Envelope]:
        """A disturbed batch and what the finished nets make of it."""
        who = random.integers(0, len(self.singers), self.plan.batch)
        batch = self.drawn(who, random)
        with half():
            content = self.net.encoder(batch.log_mel)
            made = self.net.decoder(content, batch.controls, self.singers[batch.identity])
        return batch, Envelope(*(part.float() for part in made))

    def _residual(self, batch: Batch, made: Envelope) -> torch.Tensor:
        """What the decoder misses, (B, 80, T), in the refiner's unit."""
        return ((batch.envelope - made.envelope) / (SPREAD * self.refiner.scale)).transpose(1, 2)

    def _envelope(self, made: Envelope, residual: torch.Tensor) -> torch.Tensor:
        """The decoder's envelope with a residual (B, 80, T) put back, (B, T, 80)."""
        return at_loudness_zero(made.envelope + SPREAD * self.refiner.scale * residual.transpose(1, 2))

    def _weight(self, batch: Batch, residual: torch.Tensor) -> torch.Tensor:
        """How much each frame counts, (B, 1, T)."""
        usual = (residual * SPREAD).square().mean(1) < FOREIGN
        return (batch.weight * (batch.weight >= TRUSTED) * usual)[:, None]

    def _spread(self) -> torch.Tensor:
        """Standard deviation (80,) of the residual in frames that count, natural log."""
        found = []
        for number in range(SCALE_BATCHES):
            batch, made = self._crops(np.random.default_rng((self.plan.seed, number, 2)))
            found.append((batch.envelope - made.envelope)[batch.weight >= TRUSTED])
        missed = torch.cat(found)
        power = (missed / missed.std(0)).square().mean(-1)
        return missed[power < 0.5 * FOREIGN].std(0)  # the usual power is about half the mean's
