"""The training of the singers that ship, from spoken material to weights and a card."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx.atomic import atomic
from svcfx.chain.parametric import network
from svcfx.errors import ParamError, TrainingError
from svcfx.training.parametric.refining import RefinerPlan, on_engines
from svcfx.training.parametric.shipping import equip, ship
from svcfx.training.parametric.trainer import Plan, Trainer
from svcfx.training.spoken import material

RUN, REFINER_STATE = "run.toml", "refiner.pt"
NETS_SHARE = 0.7
"""Of a run's time; the rest is the refiner's."""
MEASURED_STEPS = 2
_FLOAT_BYTES = 4
OnLine = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person asks for; with `steps` a run is a function of the seed, else it takes `minutes`."""

    dataset: Path
    out: Path
    minutes: float = 50.0
    steps: int | None = None
    seed: int = 2026

    @property
    def plan(self) -> Plan:
        """The run's length and seed; raises `ParamError` when it has none."""
        if not 0.0 < self.minutes < float("inf"):
            raise ParamError(f"minutes is {self.minutes:g}, allowed is more than 0")
        return Plan(seconds=60.0 * self.minutes, steps=self.steps, seed=self.seed)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run would take, in minutes and seconds; steps that are left."""

    takes: int
    minutes: float
    parameters: int
    steps: int
    step_seconds: float
    state: int


def train(asked: Asked, on_line: OnLine) -> Path:
    """Train, or go on; returns the weights, beside which the card lies.

    Args:
        on_line: Told how the losses stand, and the share of the run that is done.

    Raises:
        DatasetError: The material is not whole.
        ParamError: The length of the run cannot be.
        TrainingError: Another run was begun in the folder.
        OutputError: The folder cannot be written.
    """
    trainer = _trainer(asked)
    _claim(asked)
    begun = trainer.step
    figures = trainer.run(lambda line: on_line(line, NETS_SHARE * trainer.progress))
    made = {
        "texts": float(material.read(asked.dataset).texts),
        "minutes_of_material": trainer.material.minutes,
        "takes": float(len(trainer.material.takes)),
        "steps": float(trainer.step),
        "minutes_of_training": trainer.elapsed / 60.0,
        "seed": float(asked.seed),
    }
    path = ship(trainer, asked.out, made | trainer.recent | figures)
    if trainer.step > begun:
        (asked.out / REFINER_STATE).unlink(missing_ok=True)  # it refined another voice
    _refine(asked, path, min(RefinerPlan.steps, trainer.step), on_line)
    return path


def _refine(asked: Asked, weights: Path, steps: int, on_line: OnLine) -> None:
    """Train the refiner of the finished nets, or go on, and put it into their file."""
    heard = material.load(asked.dataset, lambda spoken: spoken.refining)
    plan = RefinerPlan(steps=steps, seed=asked.seed)
    refining = on_engines(network.load(weights), heard, plan, asked.out)
    refiner = refining.run(
        lambda line: on_line(line, NETS_SHARE + (1.0 - NETS_SHARE) * refining.step / steps)
    )
    equip(weights, replace(refining.net, refiner=refiner), {"refiner_steps": float(refining.step)})


def facts(asked: Asked) -> Facts:
    """What it would take, measured by a few steps; nothing is written."""
    trainer = _trainer(asked)
    trainer.advance()  # which makes kernels
    began = time.monotonic()
    for _ in range(MEASURED_STEPS):
        trainer.advance()
    pace = (time.monotonic() - began) / MEASURED_STEPS
    left = asked.steps if asked.steps is not None else round(60.0 * asked.minutes / pace)
    parameters = sum(parameter.numel() for parameter in trainer.model.parameters())
    return Facts(
        takes=len(trainer.material.takes),
        minutes=trainer.material.minutes,
        parameters=parameters,
        steps=left,
        step_seconds=pace,
        state=4 * _FLOAT_BYTES * parameters,
    )


def _claim(asked: Asked) -> None:
    """Say in the folder what is trained there; raises `TrainingError` when that was something else."""
    said = f"seed = {asked.seed}\ntexts = {material.read(asked.dataset).texts}\n"
    path = asked.out / RUN
    if path.exists() and (begun := path.read_text("utf-8")) != said:
        raise TrainingError(
            f"'{asked.out}' was begun otherwise ({', '.join(begun.splitlines())})",
            hint="Go on with the same seed and material, or train into another folder.",
        )
    with atomic(path) as temporary:
        temporary.write_text(said, encoding="utf-8")


def _trainer(asked: Asked) -> Trainer:
    plan = asked.plan
    own = material.load(asked.dataset, lambda spoken: spoken.trained)
    checked = material.load(asked.dataset, lambda spoken: spoken.held)
    return Trainer(own, checked, plan, asked.out)
