"""The training of a diffusion model, from what a person asks to a model that a voice can be added with."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.checkpoint.tensors import under
from svcfx.chain.diffusion.unit2mel import own_tensors
from svcfx.training import index as indexes
from svcfx.training import states
from svcfx.training.diffusion.recipe import Recipe
from svcfx.training.diffusion.trainer import Trainer
from svcfx.training.engine import OnNote, unheard
from svcfx.training.estimate import Facts, measure
from svcfx.training.plan import Tell
from svcfx.training.request import Request
from svcfx.training.vits import warm


@dataclass(frozen=True, kw_only=True)
class Asked(Request):
    """What a person asks for; `base` is a model_*.pt to begin with, None begins from nothing."""

    recipe: Recipe
    base: Path | None = None


def train(asked: Asked, tell: Tell, on_note: OnNote) -> Path | None:
    """Train, or go on; returns the best model_<step>.pt, None on all devices but the first.

    Raises:
        TrainingError, DatasetError, VoiceError, ParamError, OutputError: As `Trainer` and `Course.run` say.
    """
    trainer = _trainer(asked, on_note)
    if trainer.step and trainer.leads:
        on_note(f"going on from step {trainer.step}")
    trainer.run(asked.plan, tell)
    if not trainer.leads:
        return None
    on_note(f"the best of {trainer.step} steps is step {trainer.best.step}")
    return trainer.model


def facts(asked: Asked, on_note: OnNote) -> Facts:
    """What it would take; nothing is written."""
    return measure(_trainer(asked, on_note), asked.plan, asked.recipe.batch)


def _trainer(asked: Asked, on_note: OnNote) -> Trainer:
    asked.recipe.check()
    indexes.read(asked.dataset)  # before anything that takes seconds
    base = None
    if asked.base is not None and not states.steps(asked.out):
        base = own_tensors(under(asked.base, "model", "a so-vits-svc diffusion model"))
    made = Trainer(asked.dataset, asked.out, asked.recipe, asked.engine(on_note))
    if not made.leads:
        on_note = unheard
    if made.crops.left_out:
        on_note(made.crops.left_out)
    if base is not None and asked.base is not None and not made.step:
        taken = warm.begin(made.network, base, asked.base.name)
        made.average.network.load_state_dict(made.network.state_dict())
        on_note(f"{taken.tensors} of {taken.of} tensors are from '{asked.base.name}'")
    return made
