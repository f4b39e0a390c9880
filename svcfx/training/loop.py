"""A training of any network: steps, checks, states and what is best so far, in one folder.

    out/states/      what is needed to go on, the last few and the best
    out/previews/    one phrase, sung at each check, where there is something to hear
    out/curve.csv    one row a report

Several devices work as one, each on its own part of a step; the first one checks, writes and speaks.

A run that is stopped at any moment goes on from its last state, and comes to the same weights as one that was
not (on one device, at a fixed number of threads).
"""

import hashlib
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import nn

from svcfx import audio
from svcfx.audio import Samples
from svcfx.errors import Cancelled, TrainingError
from svcfx.events import never
from svcfx.training import checkpoints, distributed
from svcfx.training import index as indexes
from svcfx.training.average import Average
from svcfx.training.history import History, preview_path
from svcfx.training.plan import Best, OnReport, TrainingPlan, TrainingReport

Given = TypeVar("Given")
WHAT_TO_TRY = "Try `precision` fp32 or a smaller `rate`; the training goes on from its last good state."
_ALWAYS = ("step", "seconds", "rate")
_NORM = "norm"
"""Terms that begin so are norms of gradients: of the whole step already, and free to be infinite."""


class TrainingLoop(ABC, Generic[Given]):
    """What all trainings share; a subclass has networks, optimisers and an average, and calls `restore`."""

    columns: ClassVar[tuple[str, ...]]
    """The curve's, after those of every curve."""
    joined: ClassVar[distributed.Reduce] = "mean"
    """How terms and gradients of several devices become those of the step."""
    kept: ClassVar[int] = 1
    """How many of the networks `keep` writes, the first ones."""
    may_change: ClassVar[frozenset[str]] = frozenset()
    """Settings of the recipe that a training which goes on may have otherwise than it was begun with."""
    what_to_try: ClassVar[str] = WHAT_TO_TRY
    networks: Mapping[str, nn.Module]
    """All that is trained, by name; the first is the one that is averaged."""
    optimisers: Mapping[str, Any]
    """One for each network, as the engine gave them."""
    average: Average[Any]

    def __init__(
        self, out: Path, engine: Any, index: indexes.DatasetIndex, identity: Mapping[str, Any]
    ) -> None:
        self.out, self.engine, self.index = out, engine, index
        self.step, self.best = 0, Best()
        self._identity = {**identity, "dataset": fingerprint(index), "world": engine.world_size}

    @abstractmethod
    def given(self, step: int) -> Given:
        """What a step works on; made in another thread."""

    @abstractmethod
    def work(self, step: int, given: Given) -> dict[str, torch.Tensor]:
        """Move the networks by one step; returns its terms."""

    @abstractmethod
    def distance(self) -> float:
        """How far the averaged network is from what it should be, on takes that it is not trained on."""

    @abstractmethod
    def keep(self) -> None:
        """Write the averaged network as the best so far."""

    @abstractmethod
    def rate(self, step: int) -> float:
        """Learning rate of a step."""

    def preview(self) -> Samples | None:
        """A phrase (1, samples) at the dataset's rate, sung by the averaged network; None for none."""
        return None

    def accompany(self) -> None:
        """Lay beside the checkpoints what is needed to sing with them; the first device alone is asked."""

    def run(
        self,
        plan: TrainingPlan,
        tell: OnReport = lambda _: None,
        is_cancelled: Callable[[], bool] = never,
    ) -> None:
        """Train to the end of the plan, or until nothing gets better.

        Args:
            is_cancelled: Asked after each step, of a training on one device; the state is kept then.

        Raises:
            Cancelled: `is_cancelled` says so.
            TrainingError: A loss or a weight is no number any more; the last state is from before that.
            OutputError: The disk is full; the last state is whole.
        """
        distributed.share_weights(self.engine, self.networks.values())
        if self.leads:
            self.accompany()
            checkpoints.tidy(self.out)
        if plan.patience and self.best.stale >= plan.patience:
            self.best.stale = 0  # it ended for want of patience, and is asked to go on
        columns = (*_ALWAYS, *self.columns, "check")
        curve = History(self.out, self.step, columns, tensorboard=plan.tensorboard) if self.leads else None
        sums: dict[str, torch.Tensor] = {}
        began, since = time.monotonic(), self.step
        for step, given in _prefetched(self.given, self.step, plan.steps):
            for name, value in self.advance(step, given).items():
                sums[name] = sums[name] + value.detach() if name in sums else value.detach()
            due = self.step % plan.check_every == 0 or self.step == plan.steps
            if due or self.step % plan.report_every == 0:
                done = self.step - since
                means = {name: float(value) / done for name, value in sums.items()}
                self._require_finite(means)
                pace = (time.monotonic() - began) / done
                check = self._checkpoint(plan, curve) if due else None
                if curve is not None:
                    self._report(curve, means, pace, check)
                    tell(TrainingReport(self.step, plan.steps, means, pace, check))
                sums, began, since = {}, time.monotonic(), self.step
            if is_cancelled():
                self._leave(plan)
            if due and plan.patience and self.best.stale >= plan.patience:
                note = f"no better check for {plan.patience}: done"
                if self.leads:
                    tell(TrainingReport(self.step, plan.steps, {}, 0.0, note=note))
                break

    def advance(self, step: int, given: Given) -> dict[str, torch.Tensor]:
        """One step of everything."""
        for one in self.optimisers.values():
            for group in one.param_groups:
                group["lr"] = self.rate(step)
        terms = self.work(step, given)
        self.step = step + 1
        self.average.follow(self._first, self.step)
        own = {name: term for name, term in terms.items() if not name.startswith(_NORM)}
        return terms | distributed.reduce_terms(self.engine, own, self.joined)

    def apply(self, name: str, clip: float) -> torch.Tensor:
        """Join the gradients of the devices, clip, take the optimiser's step; returns the norm."""
        network, one = self.networks[name], self.optimisers[name]
        distributed.reduce_gradients(self.engine, network, self.joined)
        norm: torch.Tensor = self.engine.clip_gradients(network, one, max_norm=clip, error_if_nonfinite=False)
        one.step()
        one.zero_grad(set_to_none=True)
        return norm

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {
            **self._identity,
            "step": self.step,
            "best": asdict(self.best),
            "networks": {name: network.state_dict() for name, network in self.networks.items()},
            "average": self.average.network.state_dict(),
            "optimisers": {name: one.state_dict() for name, one in self.optimisers.items()},
            "scaler": self.engine.strategy.precision.state_dict(),
        }

    def restore(self) -> None:
        """Go on where `out` was left, when something was."""
        distributed.require_alike(self.engine, self._identity)
        state = distributed.of_first(self.engine, checkpoints.last(self.out) if self.leads else None)
        if state is None:
            return
        if state.get("kind") != self._identity["kind"]:
            raise TrainingError(
                f"'{self.out}' holds a training of another kind", hint="Train into another folder with `out`."
            )
        checkpoints.require_same(state, self._identity, self.out, self.may_change)
        self.step, self.best = state["step"], Best(**state["best"])
        self.average.network.load_state_dict(state["average"])
        for name, network in self.networks.items():
            network.load_state_dict(state["networks"][name])
            self.optimisers[name].optimizer.load_state_dict(state["optimisers"][name])
        self.engine.strategy.precision.load_state_dict(state["scaler"])

    @property
    def leads(self) -> bool:
        """Whether this device is the first."""
        return bool(self.engine.is_global_zero)

    @property
    def _first(self) -> nn.Module:
        return next(iter(self.networks.values()))

    def _checkpoint(self, plan: TrainingPlan, curve: History | None) -> float:
        """Check, and keep the state, and the network when it is the best; returns the check's distance."""
        self._require_numbers()
        score = float(self.engine.broadcast(self.distance() if self.leads else 0.0))
        if not math.isfinite(score):
            self._stop("the check is no number any more")
        if score < self.best.score:
            self.best = Best(self.step, score)
        else:
            self.best.stale += 1
        if curve is not None:
            if self.best.step == self.step:
                self.keep()
            self._let_hear(curve)
            self._write(plan)
        self.engine.barrier()
        return score

    def _leave(self, plan: TrainingPlan) -> None:
        """Stop here, with the state of this step on disk, so that nothing is trained twice."""
        if self.step not in checkpoints.steps(self.out):
            self._require_numbers()
            self._write(plan)
        raise Cancelled(f"the training was stopped at step {self.step}")

    def _write(self, plan: TrainingPlan) -> None:
        checkpoints.write(self.state(), self.out, keep=plan.keep, best=self.best.step)

    def _require_numbers(self) -> None:
        for network in self.networks.values():
            if not all(bool(torch.isfinite(parameter).all()) for parameter in network.parameters()):
                self._stop("weights are no numbers any more")

    def _let_hear(self, curve: History) -> None:
        phrase = self.preview()
        if phrase is None:
            return
        path = preview_path(self.out, self.step)
        path.parent.mkdir(parents=True, exist_ok=True)
        audio.write(path, np.clip(phrase, -1.0, 1.0), self.index.sample_rate)
        curve.hear(self.step, phrase, self.index.sample_rate)

    def _report(self, curve: History, means: Mapping[str, float], pace: float, check: float | None) -> None:
        row = {"step": self.step, "seconds": pace, "rate": self.rate(self.step - 1), **means}
        curve.add(row | ({} if check is None else {"check": check}))

    def _require_finite(self, means: Mapping[str, float]) -> None:
        wrong = [n for n, value in means.items() if not math.isfinite(value) and not n.startswith(_NORM)]
        if wrong:
            self._stop(f"the loss {', '.join(wrong)} is no number any more")

    def _stop(self, what: str) -> None:
        kept = checkpoints.steps(self.out)
        said = f"the state of step {kept[-1]} is kept" if kept else "nothing was kept yet"
        raise TrainingError(f"at step {self.step} {what}; {said}", hint=self.what_to_try)


def fingerprint(index: indexes.DatasetIndex) -> str:
    """A short name for what a dataset holds."""
    return hashlib.sha256(repr(index.entries).encode()).hexdigest()[:16]


def _prefetched(make: Callable[[int], Given], first: int, stop: int) -> Iterator[tuple[int, Given]]:
    """Numbers from `first` to `stop` with what `make` gives for them, one made in advance."""
    with ThreadPoolExecutor(1) as pool:
        coming: Future[Given] | None = pool.submit(make, first) if first < stop else None
        for number in range(first, stop):
            assert coming is not None
            made = coming.result()
            coming = pool.submit(make, number + 1) if number + 1 < stop else None
            yield number, made
