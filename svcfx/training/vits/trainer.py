"""Training a so-vits-svc voice: steps, checks, states and the voice so far, in one folder.

    out/config.json, out/G_<step>.pth   the voice: averaged weights, of the best check; D_<step>.pth: critics
    out/content.safetensors             its content encoder, where that is svcfx's own
    out/states/                         what is needed to go on, the last few and the best
    out/previews/                       one phrase, sung at each check
    out/curve.csv

A run that is stopped at any moment goes on from its last state, and comes to the same bytes as one that was
not (on one device, at a fixed number of threads).
"""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from svcfx import audio
from svcfx.chain.checkpoint.generator import unit_mode
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.errors import DatasetError, TrainingError
from svcfx.training import index as indexes
from svcfx.training import together
from svcfx.training.course import fingerprint
from svcfx.training.vits import states, upstream
from svcfx.training.vits.average import Average
from svcfx.training.vits.checking import Check
from svcfx.training.vits.critics import Critics
from svcfx.training.vits.curve import Curve
from svcfx.training.vits.learning import Learner, optimiser
from svcfx.training.vits.losses import Share
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.plan import Best, Plan, Tell, Told
from svcfx.training.vits.reader import Folder, Part, Reader
from svcfx.training.vits.recipe import Recipe, document
from svcfx.training.vits.spectra import Spectra

_NAMES = {"sovits40": "so-vits-svc 4.0", "sovits41": "so-vits-svc 4.1"}
WHAT_TO_TRY = (
    "Try --precision fp32, a smaller --rate, or --clip 100; the training goes on from its last good state."
)


class Trainer:
    """A run on a dataset; goes on from `out` when a run was there."""

    def __init__(self, dataset: Path, out: Path, recipe: Recipe, engine: Any) -> None:
        recipe.check()
        self.recipe, self.dataset, self.out, self.engine = recipe, dataset, out, engine
        self.index = indexes.read(dataset)
        self.document = document(recipe, self.index)
        self.spectra = Spectra(self.index.sample_rate, self.index.fft, self.index.hop)
        config = vits_config("config.json", self.document)
        mode = unit_mode("config.json", self.document, _NAMES.get(recipe.family, "fork"))
        takes = Folder(dataset, self.index, self.index.part("train"))
        if not len(takes):
            raise DatasetError(f"'{dataset}' has no items to train on", hint="Prepare more recordings.")
        held = self.index.part("validation")
        checked = Folder(dataset, self.index, held or self.index.part("train"))
        self.check = Check(checked, self.document, mode, self.spectra)
        self.reader = Reader(takes, config, mode, recipe, engine.global_rank, engine.world_size)
        self.step, self.best = 0, Best()
        self._build(config)
        self._identity = {
            "recipe": asdict(recipe),
            "document": self.document,
            "dataset": fingerprint(self.index),
            "world": engine.world_size,
        }
        self._restore()

    def _build(self, config: Any) -> None:
        torch.manual_seed(self.recipe.seed)
        generator = TrainedGenerator(
            config, spectrum=self.spectra.bins, segment=self.recipe.segment, dropout=self.recipe.dropout
        ).to(self.engine.device)
        critics = Critics(self.recipe.narrow).to(self.engine.device)
        self.learner = Learner(generator, critics, self.spectra, self.engine)
        self.average = Average(generator, self.recipe.average)
        self.optimisers = [
            self.engine.setup_optimizers(optimiser(network, self.recipe.rate))
            for network in (generator, critics)
        ]

    def run(self, plan: Plan, tell: Tell = lambda _: None) -> Path:
        """Train to the end of the plan, or until nothing gets better; returns the voice's G_<step>.pth.

        Raises:
            TrainingError: A loss or a weight is no number any more; the last state is from before that.
            OutputError: The disk is full; the last state is whole.
        """
        together.share_weights(self.engine, (self.learner.generator, self.learner.critics))
        if self._leads:
            upstream.bring_content(self.index.content_encoder, self.dataset, self.out)
        curve = Curve(self.out, self.step, tensorboard=plan.tensorboard) if self._leads else None
        sums: dict[str, torch.Tensor] = {}
        began, since = time.monotonic(), self.step
        for step, parts in self.reader.stream(self.step, plan.steps):
            for name, value in self.advance(step, parts).items():
                sums[name] = sums[name] + value.detach() if name in sums else value.detach()
            done = self.step - since
            due = self.step % plan.check_every == 0 or self.step == plan.steps
            if due or self.step % plan.report_every == 0:
                means = {name: float(value) / done for name, value in sums.items()}
                self._require_finite(means)
                pace = (time.monotonic() - began) / done
                check = self._checkpoint(plan, curve) if due else None
                self._report(plan, curve, tell, means, pace, check)
                sums, began, since = {}, time.monotonic(), self.step
            if due and plan.patience and self.best.stale >= plan.patience:
                note = f"no better check for {plan.patience}: done"
                if curve is not None:
                    tell(Told(self.step, plan.steps, {}, 0.0, note=note))
                break
        return self.out / f"G_{self.best.step}.pth"

    def advance(self, step: int, parts: list[Part]) -> dict[str, torch.Tensor]:
        """One step of both networks; returns the terms and the norms of the gradients."""
        torch.manual_seed(_seed(self.recipe.seed, step, self.engine.global_rank))
        self._set_rate(step)
        learner = self.learner
        share = Share(*self.reader.items_and_frames(step))
        terms, sung = learner.sing(parts, share)
        norm_g = self._apply(0, learner.generator)
        told = learner.tell(sung, share)
        norm_d = self._apply(1, learner.critics)
        self.step = step + 1
        self.average.follow(learner.generator, self.step)
        whole = together.reduce_terms(self.engine, terms | told, "sum")
        return whole | {"norm_g": norm_g, "norm_d": norm_d}

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {
            **self._identity,
            "step": self.step,
            "best": asdict(self.best),
            "generator": self.learner.generator.state_dict(),
            "critics": self.learner.critics.state_dict(),
            "average": self.average.network.state_dict(),
            "optimisers": [one.state_dict() for one in self.optimisers],
            "scaler": self.engine.strategy.precision.state_dict(),
        }

    def _restore(self) -> None:
        together.require_alike(self.engine, self._identity)
        state = together.of_first(self.engine, states.last(self.out) if self._leads else None)
        if state is None:
            return
        states.require_same(state, self._identity, self.out)
        self.step, self.best = state["step"], Best(**state["best"])
        self.learner.generator.load_state_dict(state["generator"])
        self.learner.critics.load_state_dict(state["critics"])
        self.average.network.load_state_dict(state["average"])
        for one, stored in zip(self.optimisers, state["optimisers"], strict=True):
            one.optimizer.load_state_dict(stored)
        self.engine.strategy.precision.load_state_dict(state["scaler"])

    def _apply(self, which: int, network: torch.nn.Module) -> torch.Tensor:
        """Clip and take one optimiser's step; returns the norm of the gradient."""
        one = self.optimisers[which]
        norm: torch.Tensor = self.engine.clip_gradients(
            network, one, max_norm=self.recipe.clip, error_if_nonfinite=False
        )
        one.step()
        one.zero_grad(set_to_none=True)
        return norm

    def _set_rate(self, step: int) -> None:
        for one in self.optimisers:
            for group in one.param_groups:
                group["lr"] = self.rate(step)

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self.recipe.rate * self.recipe.decay ** self.reader.order.epoch(step)

    def _checkpoint(self, plan: Plan, curve: Curve | None) -> float:
        """Check, keep the state, and the voice when it is the best; returns the check's distance."""
        self._require_whole()
        score = self.check.distance(self.average.network) if self._leads else 0.0
        score = float(self.engine.broadcast(score))
        if not math.isfinite(score):
            self._stop("the voice sings what is no number")
        if score < self.best.score:
            self.best = Best(self.step, score)
        else:
            self.best.stale += 1
        if curve is not None:
            self._keep(plan, curve)
        self.engine.barrier()
        return score

    def _keep(self, plan: Plan, curve: Curve) -> None:
        if self.best.step == self.step:
            epoch = self.reader.order.epoch(self.step)
            networks = self.average.network, self.learner.critics
            upstream.write(networks, self.document, self.out, step=self.step, epoch=epoch)
        phrase = self.check.preview(self.average.network)
        path = self.out / "previews" / f"step-{self.step:08d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        audio.write(path, np.clip(phrase, -1.0, 1.0), self.index.sample_rate)
        curve.hear(self.step, phrase, self.index.sample_rate)
        states.write(self.state(), self.out, keep=plan.keep, best=self.best.step)

    def _report(
        self,
        plan: Plan,
        curve: Curve | None,
        tell: Tell,
        means: Mapping[str, float],
        pace: float,
        check: float | None,
    ) -> None:
        if curve is None:
            return
        row = {"step": self.step, "seconds": pace, "rate": self.rate(self.step - 1), **means}
        curve.add(row | ({} if check is None else {"check": check}))
        tell(Told(self.step, plan.steps, means, pace, check))

    def _require_finite(self, means: Mapping[str, float]) -> None:
        wrong = [n for n, value in means.items() if not math.isfinite(value) and not n.startswith("norm")]
        if wrong:
            self._stop(f"the loss {', '.join(wrong)} is no number any more")

    def _require_whole(self) -> None:
        for network in (self.learner.generator, self.learner.critics):
            if not all(bool(torch.isfinite(parameter).all()) for parameter in network.parameters()):
                self._stop("weights are no numbers any more")

    def _stop(self, what: str) -> None:
        kept = states.steps(self.out)
        said = f"the state of step {kept[-1]} is kept" if kept else "nothing was kept yet"
        raise TrainingError(f"at step {self.step} {what}; {said}", hint=WHAT_TO_TRY)

    @property
    def _leads(self) -> bool:
        return bool(self.engine.is_global_zero)


def _seed(seed: int, step: int, rank: int) -> int:
    """For what torch draws in a step (dropout): the same whether or not the run was stopped before."""
    return int(np.random.SeedSequence((seed, 2, step, rank)).generate_state(1, np.uint64)[0] >> 1)
