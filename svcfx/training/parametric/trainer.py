"""Training the parametric voice: one loop over time, resumable, its state in one folder.

`state.pt` holds everything needed to go on; `curve.csv` one row per report. The learning rate follows a
cosine over the time (or steps) asked for, so a run ends where it was told to whatever else the machine does.
"""

import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from svcfx.chain.parametric import level
from svcfx.chain.parametric.nets import Config, ContentEncoder, Decoder, Envelope
from svcfx.training.parametric.dataset import Batch, Material, Targets, draw
from svcfx.training.parametric.half import half
from svcfx.training.parametric.identities import SHIPPED, random_identity
from svcfx.training.parametric.losses import losses, phone_accuracy, total
from svcfx.training.parametric.phones import PHONES
from svcfx.training.parametric.reader import Reader, reading

Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a run is: its length (seconds, or steps when given) and its settings."""

    seconds: float = 3000.0
    steps: int | None = None
    seed: int = 2026
    batch: int = 28
    frames: int = 240
    rate: float = 1.3e-3
    warmup: int = 200
    others: int = 48
    shipped_share: float = 0.62
    content_noise: float = 0.15
    decay: float = 0.998
    report_every: int = 100
    validate_every: int = 1000
    save_every_s: float = 240.0
    config: Config = field(default_factory=Config)


class Model(nn.Module):
    """Both nets, the table of singers and the phone head that only training has."""

    def __init__(self, config: Config, singers: int) -> None:
        super().__init__()
        self.encoder = ContentEncoder(config)
        self.decoder = Decoder(config)
        self.singers = nn.Embedding(singers, config.embedding)
        self.phones = nn.Linear(config.content, len(PHONES))

    def forward(self, batch: Batch, noise: torch.Tensor | None = None) -> tuple[Envelope, torch.Tensor]:
        z = self.encoder(batch.log_mel)
        heard = z if noise is None else z + noise
        return self.decoder(heard, batch.controls, self.singers(batch.identity)), self.phones(z)


class Trainer:
    """A run on some material; `run` goes on from `folder/state.pt` when there is one."""

    def __init__(self, material: Material, checked: Material, plan: Plan, folder: Path) -> None:
        self.material, self.checked, self.plan, self.folder = material, checked, plan, folder
        identities = [*SHIPPED, *(random_identity(i) for i in range(plan.others))]
        self.targets = Targets(identities, material)
        self.checked_targets = Targets(SHIPPED, checked)
        self.reference = reference_colour(material)
        torch.manual_seed(plan.seed)
        self.model = Model(plan.config, len(identities))
        self.mean = Model(plan.config, len(identities))
        self.mean.load_state_dict(self.model.state_dict())
        self.reader = Reader()
        self.optimiser = torch.optim.AdamW(
            [*self.model.parameters(), *self.reader.parameters()],
            plan.rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
            fused=True,
        )
        self.step, self.elapsed = 0, 0.0
        self.recent: dict[str, float] = {}
        if (folder / "state.pt").exists():
            self._restore()

    def run(self, report: Report) -> dict[str, float]:
        """Train to the end of the plan; returns the last validation."""
        began, saved = time.monotonic() - self.elapsed, time.monotonic()
        sums: dict[str, float] = {}
        while self.progress < 1.0:
            terms = self.advance()
            self.elapsed = time.monotonic() - began
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value / self.plan.report_every
            if self.step % self.plan.report_every == 0:
                self._note(sums, report)
                self.recent, sums = sums, {}
            if time.monotonic() - saved > self.plan.save_every_s:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.validate()

    @property
    def progress(self) -> float:
        """Part of the run that is done, 0 to 1."""
        if self.plan.steps is not None:
            return self.step / self.plan.steps
        return self.elapsed / self.plan.seconds

    def advance(self) -> dict[str, float]:
        """One step; returns the losses of its batch."""
        plan = self.plan
        random = np.random.default_rng((plan.seed, self.step))
        batch = draw(
            self.material, self.targets, self._identities(random), plan.frames, random, self.reference
        )
        noise = random.standard_normal((plan.batch, plan.frames // 2, plan.config.content), np.float32)
        rate = plan.rate * min(1.0, (self.step + 1) / plan.warmup)
        rate *= 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, self.progress)))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with half():
            made, phones = self.model(batch, torch.from_numpy(noise) * plan.content_noise)
        terms = losses(made, phones.float(), batch)
        blur = torch.from_numpy(random.standard_normal(tuple(made.envelope.shape), np.float32))
        with half():
            terms |= reading(self.reader, made.envelope, batch, blur)
        self.optimiser.zero_grad(set_to_none=True)
        total(terms).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        decay = min(plan.decay, self.step / (self.step + 20.0))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.model.parameters()), 1.0 - decay)
        return {k: float(v.detach()) for k, v in terms.items()} | {"right": phone_accuracy(phones, batch)}

    @torch.no_grad()
    def validate(self, batches: int = 6) -> dict[str, float]:
        """The averaged weights on texts never trained on: phones right, envelope error in dB."""
        self.mean.eval()
        random = np.random.default_rng(self.plan.seed)
        found: dict[str, list[float]] = {"valid_right": [], "valid_envelope_db": []}
        for _ in range(batches):
            who = random.integers(0, len(SHIPPED), 32)
            batch = draw(self.checked, self.checked_targets, who, 320, random, self.reference, augment=False)
            made, phones = self.mean(batch)
            error = losses(made, phones, batch)["envelope"]
            found["valid_right"].append(phone_accuracy(phones, batch))
            found["valid_envelope_db"].append(float(error) / level.NEPER)
        return {name: float(np.mean(values)) for name, values in found.items()}

    def save(self) -> None:
        """Write `state.pt` in one move."""
        state = {
            "model": self.model.state_dict(),
            "mean": self.mean.state_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
        }
        partial = self.folder / "state.partial"
        torch.save(state, partial)
        partial.replace(self.folder / "state.pt")

    def _restore(self) -> None:
        state = torch.load(self.folder / "state.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.mean.load_state_dict(state["mean"])
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed = state["step"], state["elapsed"]

    def _identities(self, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        shipped = random.random(self.plan.batch) < self.plan.shipped_share
        named = random.integers(0, len(SHIPPED), self.plan.batch)
        others = random.integers(len(SHIPPED), len(SHIPPED) + self.plan.others, self.plan.batch)
        return np.where(shipped, named, others)

    def _note(self, sums: dict[str, float], report: Report) -> None:
        row = {"step": float(self.step), "seconds": round(self.elapsed, 1), **sums}
        if self.step % self.plan.validate_every == 0:
            row |= self.validate()
        columns = ["step", "seconds", *sums, "valid_right", "valid_envelope_db"]
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, columns)
            if fresh:
                writer.writeheader()
            writer.writerow({k: round(v, 4) for k, v in row.items()})
        report("  ".join(f"{name} {value:.4g}" for name, value in row.items()))


def reference_colour(material: Material) -> level.Frames:
    """Mean colour (80,) of all takes."""
    return np.asarray(material.mean_mel.mean(0), np.float32)
