"""A training from what a person asks to a voice on the shelf."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.training import index as indexes
from svcfx.training import states
from svcfx.training.engine import OnNote, unheard
from svcfx.training.estimate import Facts, measure
from svcfx.training.plan import Tell
from svcfx.training.request import VoiceRequest
from svcfx.training.vits import beginning, warm
from svcfx.training.vits.base import Base, open_base
from svcfx.training.vits.recipe import Recipe
from svcfx.training.vits.trainer import Trainer
from svcfx.voices import adding, shelf, source
from svcfx.voices.card import Card


@dataclass(frozen=True, kw_only=True)
class Asked(VoiceRequest):
    """What a person asks for; `base` is a voice as `base.open_base` takes it, "" begins from nothing."""

    recipe: Recipe


def train(asked: Asked, tell: Tell, on_note: OnNote) -> Card | None:
    """Train, or go on, and put the voice on the shelf; None on all devices but the first.

    Raises:
        OutputExistsError: There is a voice of that name which is not from this folder; said before anything.
        TrainingError, DatasetError, VoiceError, OutputError: As `Trainer` says.
    """
    ours = _is_ours(asked)
    adding.place_for(asked.voice, replace=ours)
    trainer, base = _begun(asked, on_note)
    leads = trainer.engine.is_global_zero
    if leads and trainer.step:
        on_note(f"going on from step {trainer.step}")
    elif leads:
        beginning.write(asked.out, asked.base, base)
    trainer.run(asked.plan, tell)
    if not leads:
        return None
    said = adding.Said(
        name=asked.voice, licence=asked.licence, consent=asked.consent or _consent(asked.dataset)
    )
    source.forget(asked.base)
    on_note(f"the best of {trainer.step} steps is step {trainer.best.step}")
    return adding.add(str(trainer.voice), said, replace=ours, on_note=on_note)


def facts(asked: Asked, on_note: OnNote) -> Facts:
    """What it would take; nothing is written."""
    heard = asked.recipe.batch * asked.recipe.accumulate
    return measure(_begun(asked, on_note)[0], asked.plan, heard)


def _begun(asked: Asked, on_note: OnNote) -> tuple[Trainer, Base | None]:
    """The trainer with the weights that it begins with, and where they are from."""
    asked.recipe.check()
    indexes.read(asked.dataset)  # before anything that takes seconds
    base = None
    if states.steps(asked.out):
        beginning.require_asked(asked.out, asked.base)
    elif asked.base:
        base = open_base(asked.base, on_note)
        beginning.require_same(asked.out, base)
    on = asked.engine(on_note)
    trainer = Trainer(asked.dataset, asked.out, asked.recipe, on)
    if base is not None and not trainer.step:
        _warm(trainer, base, on_note if on.is_global_zero else unheard)
    return trainer, base


def _warm(trainer: Trainer, base: Base, on_note: OnNote) -> None:
    """Give a trainer a base's weights."""
    taken = warm.begin(trainer.learner.generator, base.generator, base.name)
    trainer.average.network.load_state_dict(trainer.learner.generator.state_dict())
    on_note(f"{taken.tensors} of {taken.of} tensors are from '{base.name}'")
    if base.critics is not None:
        warm.begin(trainer.learner.critics, base.critics, base.name)
    else:
        on_note("its critics were not there and begin from nothing")


def _is_ours(asked: Asked) -> bool:
    """Whether the voice of that name came from this training."""
    came = {f"file G_{step}.pth" for step in states.steps(asked.out)}
    return any(card.name == asked.voice and card.source in came for card in shelf.cards())


def _consent(dataset: Path) -> str:
    return indexes.read(dataset).consent or adding.UNSAID
