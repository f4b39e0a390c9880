"""Training ear, singers and decoder together, then the decoder alone on what the finished ear hears.

`state.pt` in the run's folder holds all that is needed to go on; `curve.csv` one row a report. The learning
rate follows a cosine over the time asked for, so a run ends where it was told to.
"""

import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from factory.material import Drawn, Material
from factory.phones import PHONES
from factory.reader import Reader, reading
from svcfx.chain.parametric.ear import Ear, EarConfig
from svcfx.chain.parametric.nets import Config, Decoder, Envelope
from svcfx.training.average import Average
from svcfx.training.tuning import losses

WEIGHTS = {**losses.WEIGHTS, "phone": 0.5, "reader": 1.0, "clarity": 0.35}
EDGE_STEPS = (14, 8)
"""Steps at a crop's ends whose context is cut short; nothing is asked of them."""


@dataclass(frozen=True)
class Plan:
    """What a run is."""

    seconds: float = 2400.0
    seed: int = 2026
    batch: int = 10
    frames: int = 240
    ear_rate: float = 2.5e-4
    rate: float = 1.6e-3
    warmup: int = 60
    shares: tuple[float, float, float] = (0.4, 0.4, 0.2)
    content_noise: float = 0.15
    distil: float = 0.5
    decay: float = 0.996
    report_every: int = 25
    save_every_s: float = 120.0
    ear_stands: bool = False
    config: Config = field(default_factory=Config)
    ear: EarConfig = field(default_factory=EarConfig)


class Model(nn.Module):
    """The nets, the table of singers, and the heads that only training has."""

    def __init__(self, plan: Plan, singers: int) -> None:
        super().__init__()
        self.encoder = Ear(plan.ear)
        self.decoder = Decoder(plan.config)
        self.singers = nn.Parameter(torch.randn(singers, plan.config.embedding))
        self.phones = nn.Linear(plan.config.content, len(PHONES))

    def forward(
        self, drawn: Drawn, noise: torch.Tensor | None, *, still: bool
    ) -> tuple[Envelope, torch.Tensor, torch.Tensor]:
        encoder = self.encoder
        with torch.set_grad_enabled(torch.is_grad_enabled() and not still):
            features = encoder.features(drawn.batch.log_mel)
            z = encoder.outward(encoder.norm(features)).float()
            z = functional.layer_norm(z, z.shape[-1:])
        heard = z if noise is None else z + noise
        made = self.decoder(heard, drawn.batch.controls, drawn.singer @ self.singers)
        return made, self.phones(z), features


class Trainer:
    """A run on some material; goes on from `folder/state.pt` when there is one."""

    def __init__(
        self, material: Material, plan: Plan, folder: Path, ear: dict[str, torch.Tensor], spread: torch.Tensor
    ) -> None:
        self.material, self.plan, self.folder, self.spread = material, plan, folder, spread
        torch.manual_seed(plan.seed)
        self.model = Model(plan, len(material.table))
        state = self.model.encoder.state_dict()
        self.model.encoder.load_state_dict({k: ear.get(k, v) for k, v in state.items()})
        self.average = Average(self.model, plan.decay)
        self.reader = Reader()
        self.reference = material.reference
        self.step, self.elapsed = 0, 0.0
        path = folder / "state.pt"
        kept = torch.load(path, weights_only=True) if path.exists() else None
        if kept is not None:
            self._restore(kept)
        core = [p for n, p in self.model.encoder.named_parameters() if not n.startswith(("outward", "norm"))]
        known = {id(p) for p in core}
        rest = [p for p in (*self.model.parameters(), *self.reader.parameters()) if id(p) not in known]
        groups = [{"params": rest, "rate": plan.rate}]
        if plan.ear_stands:
            self.model.encoder.requires_grad_(False)
            groups[0]["params"] = [p for p in rest if p.requires_grad]
        else:
            groups.append({"params": core, "rate": plan.ear_rate})
        self.optimiser = torch.optim.AdamW(groups, plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
        if kept is not None and kept["ear_stands"] == plan.ear_stands:
            self.optimiser.load_state_dict(kept["optimiser"])

    @property
    def progress(self) -> float:
        """Part of the run that is done."""
        return self.elapsed / self.plan.seconds

    def run(self, refresh: Callable[[], None]) -> None:
        """Train to the end of the plan; `refresh` brings new material now and then."""
        began, saved = time.monotonic() - self.elapsed, time.monotonic()
        sums: dict[str, float] = {}
        while self.progress < 1.0:
            for name, value in self.advance().items():
                sums[name] = sums.get(name, 0.0) + value / self.plan.report_every
            self.elapsed = time.monotonic() - began
            if self.step % self.plan.report_every == 0:
                self._note(sums)
                sums = {}
            if time.monotonic() - saved > self.plan.save_every_s:
                self.save()
                refresh()
                saved = time.monotonic()
        self.save()

    def advance(self) -> dict[str, float]:
        """One step; returns its losses."""
        plan, random = self.plan, np.random.default_rng((self.plan.seed, self.step))
        who = random.choice(3, plan.batch, p=plan.shares)
        drawn = self.material.draw(who, plan.frames, random, self.reference)
        noise = random.standard_normal((plan.batch, plan.frames // 2, plan.config.content), np.float32)
        curve = min(1.0, (self.step + 1) / plan.warmup)
        curve *= 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, self.progress)))
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * curve
        made, phones, features = self.model(
            drawn, torch.from_numpy(noise) * plan.content_noise, still=plan.ear_stands
        )
        terms = losses.sung(made, drawn.batch) | {"phone": _phone(phones.float(), drawn)}
        blur = torch.from_numpy(random.standard_normal(tuple(made.envelope.shape), np.float32))
        terms |= reading(self.reader, made.envelope, drawn.batch, blur)
        total = torch.stack([WEIGHTS[name] * value for name, value in terms.items()]).sum()
        if not plan.ear_stands:
            terms["distil"] = (
                ((features - drawn.features) / self.spread)[:, EDGE_STEPS[0] : -EDGE_STEPS[1]] ** 2
            ).mean()
            total = total + plan.distil * terms["distil"]
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([p for g in self.optimiser.param_groups for p in g["params"]], 2.0)
        self.optimiser.step()
        self.step += 1
        self.average.follow(self.model, self.step)
        return {k: float(v.detach()) for k, v in terms.items()} | {"right": _right(phones, drawn)}

    def save(self) -> None:
        """Write `state.pt` in one move."""
        state = {
            "model": self.model.state_dict(),
            "mean": self.average.network.state_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
            "reference": torch.from_numpy(self.reference),
            "ear_stands": self.plan.ear_stands,
        }
        torch.save(state, self.folder / "state.partial")
        (self.folder / "state.partial").replace(self.folder / "state.pt")

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.network.load_state_dict(state["mean"])
        self.reader.load_state_dict(state["reader"])
        self.reference = state["reference"].numpy()
        self.step = state["step"]
        if state["ear_stands"] == self.plan.ear_stands:
            self.elapsed = state["elapsed"]

    def _note(self, sums: dict[str, float]) -> None:
        row = {"step": float(self.step), "seconds": round(self.elapsed, 1), **sums}
        path = self.folder / f"curve{'-decoder' if self.plan.ear_stands else ''}.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow({k: round(v, 4) for k, v in row.items()})
        print("  ".join(f"{name} {value:.4g}" for name, value in row.items()), flush=True)


def _phone(phones: torch.Tensor, drawn: Drawn) -> torch.Tensor:
    label, sure = drawn.batch.phone[:, ::2], drawn.sure[:, ::2].float()
    each = functional.cross_entropy(phones.transpose(1, 2), label, reduction="none", label_smoothing=0.05)
    weight = torch.where(label > 0, 1.0, 0.5) * sure
    return (each * weight).sum() / weight.sum().clamp_min(1.0)


def _right(phones: torch.Tensor, drawn: Drawn) -> float:
    label = drawn.batch.phone[:, ::2]
    counted = (label > 0) & drawn.sure[:, ::2]
    return float(((phones.argmax(-1) == label) & counted).sum() / counted.sum().clamp_min(1))
