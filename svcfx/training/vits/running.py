"""A training from what a person asks to a voice on the shelf."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.training import index as indexes
from svcfx.training.vits import states, warm
from svcfx.training.vits.base import open_base
from svcfx.training.vits.engine import OnNote, Precision, engine, unheard
from svcfx.training.vits.facts import Facts, measure
from svcfx.training.vits.plan import Plan, Tell
from svcfx.training.vits.recipe import Recipe
from svcfx.training.vits.trainer import Trainer
from svcfx.voices import adding, shelf
from svcfx.voices.card import Card


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person asks for.

    Attributes:
        base: Voice to begin with, as `base.open_base` takes it; "" begins from nothing.
        name: Of the voice on the shelf; None takes the folder's.
        devices: On each host; 0 for every accelerator there is.
    """

    dataset: Path
    out: Path
    recipe: Recipe
    plan: Plan
    base: str = ""
    precision: Precision = "fp32"
    devices: int = 0
    nodes: int = 1
    name: str | None = None
    licence: str = adding.UNSAID
    consent: str | None = None

    @property
    def voice(self) -> str:
        """What the voice will be called."""
        return self.name or self.out.resolve().name


def train(asked: Asked, tell: Tell, on_note: OnNote) -> Card | None:
    """Train, or go on, and put the voice on the shelf; None on all devices but the first.

    Raises:
        OutputExistsError: There is a voice of that name which is not from this folder; said before anything.
        TrainingError, DatasetError, VoiceError, OutputError: As `Trainer` says.
    """
    ours = _is_ours(asked)
    adding.place_for(asked.voice, replace=ours)
    trainer = _trainer(asked, on_note)
    leads = trainer.engine.is_global_zero
    if trainer.step and leads:
        on_note(f"going on from step {trainer.step}")
    path = trainer.run(asked.plan, tell)
    if not leads:
        return None
    said = adding.Said(
        name=asked.voice, licence=asked.licence, consent=asked.consent or _consent(asked.dataset)
    )
    on_note(f"the best of {trainer.step} steps is step {trainer.best.step}")
    return adding.add(str(path), said, replace=ours, on_note=on_note)


def facts(asked: Asked, on_note: OnNote) -> Facts:
    """What it would take; nothing is written."""
    return measure(_trainer(asked, on_note), asked.plan)


def _trainer(asked: Asked, on_note: OnNote) -> Trainer:
    asked.recipe.check()
    indexes.read(asked.dataset)  # before anything that takes seconds
    fresh = not states.steps(asked.out)
    base = open_base(asked.base, on_note) if asked.base and fresh else None
    trainer = Trainer(
        asked.dataset,
        asked.out,
        asked.recipe,
        engine(precision=asked.precision, devices=asked.devices, nodes=asked.nodes, on_note=on_note),
    )
    if not trainer.engine.is_global_zero:
        on_note = unheard
    if base is not None and not trainer.step:
        taken = warm.begin(trainer.learner.generator, base.generator, base.name)
        trainer.average.network.load_state_dict(trainer.learner.generator.state_dict())
        on_note(f"{taken.tensors} of {taken.of} tensors are from '{base.name}'")
        if base.critics is not None:
            warm.begin(trainer.learner.critics, base.critics, base.name)
        else:
            on_note("its critics were not there and begin from nothing")
    return trainer


def _is_ours(asked: Asked) -> bool:
    """Whether the voice of that name came from this training."""
    came = {f"file G_{step}.pth" for step in states.steps(asked.out)}
    return any(card.name == asked.voice and card.source in came for card in shelf.cards())


def _consent(dataset: Path) -> str:
    return indexes.read(dataset).consent or adding.UNSAID
