"""The fine-tuning of a vocoder, from what a person asks to a folder that voices and other programs read."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.checkpoint import open_vocoder
from svcfx.errors import VoiceError
from svcfx.training import index as indexes
from svcfx.training.engine import OnNote
from svcfx.training.estimate import Facts, measure
from svcfx.training.plan import Tell
from svcfx.training.request import Request
from svcfx.training.vocoder.recipe import Recipe
from svcfx.training.vocoder.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Asked(Request):
    """What a person asks for; `base` is the folder of the NSF-HiFiGAN to begin with."""

    recipe: Recipe
    base: Path


def train(asked: Asked, tell: Tell, on_note: OnNote) -> Path | None:
    """Train, or go on; returns the folder of the best vocoder, None on all devices but the first.

    Raises:
        TrainingError, DatasetError, VoiceError, ParamError, OutputError: As `Trainer` and `Course.run` say.
    """
    trainer = _trainer(asked, on_note)
    if trainer.leads:
        _say(trainer, on_note)
    trainer.run(asked.plan, tell)
    if not trainer.leads:
        return None
    best = trainer.best
    on_note(f"the best of {trainer.step} steps is step {best.step}: check {best.score:.4f}")
    return asked.out


def _say(trainer: Trainer, on_note: OnNote) -> None:
    """Whose terms hold, and where the training is."""
    base = trainer.base
    on_note(f"what is made of '{base.name}' stays under its terms: {_first_line(base.licence)}")
    if trainer.step:
        on_note(f"going on from step {trainer.step}")
    else:
        on_note(f"'{base.name}' as it is: check {trainer.distance():.4f}")


def facts(asked: Asked, on_note: OnNote) -> Facts:
    """What it would take; nothing is written."""
    return measure(_trainer(asked, on_note), asked.plan, asked.recipe.batch)


def _trainer(asked: Asked, on_note: OnNote) -> Trainer:
    asked.recipe.check()
    indexes.read(asked.dataset)  # before anything that takes seconds
    base_folder = asked.base if asked.base.is_dir() else asked.base.parent
    if base_folder.resolve() == asked.out.resolve():
        raise VoiceError(
            f"'{asked.out}' is the vocoder to begin with, and would be written over",
            hint="Choose another folder with -o.",
        )
    base = open_vocoder(asked.base)
    made = Trainer(asked.dataset, asked.out, base, asked.recipe, asked.engine(on_note))
    if made.crops.left_out and made.leads:
        on_note(made.crops.left_out)
    return made


def _first_line(licence: str) -> str:
    return licence.strip().splitlines()[0].strip() if licence.strip() else "not known"
