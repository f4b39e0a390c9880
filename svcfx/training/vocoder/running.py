"""The fine-tuning of a vocoder, from what a person asks to a folder that voices and other programs read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.checkpoint import open_vocoder
from svcfx.errors import VoiceError
from svcfx.training import index as indexes
from svcfx.training.estimate import measure
from svcfx.training.vits.engine import Precision, engine
from svcfx.training.vits.facts import Facts
from svcfx.training.vits.plan import Plan, Tell
from svcfx.training.vocoder.recipe import Recipe
from svcfx.training.vocoder.trainer import Trainer

OnNote = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person asks for; `base` is the folder of the NSF-HiFiGAN to begin with."""

    dataset: Path
    out: Path
    base: Path
    recipe: Recipe
    plan: Plan
    precision: Precision = "fp32"


def train(asked: Asked, tell: Tell, on_note: OnNote) -> Path:
    """Train, or go on; returns the folder of the best vocoder.

    Raises:
        TrainingError, DatasetError, VoiceError, ParamError, OutputError: As `Trainer` and `Course.run` say.
    """
    trainer = _trainer(asked, on_note)
    on_note(
        f"what is made of '{trainer.base.name}' stays under its terms: {_first_line(trainer.base.licence)}"
    )
    if trainer.step:
        on_note(f"going on from step {trainer.step}")
    else:
        on_note(f"'{trainer.base.name}' as it is: check {trainer.distance():.4f}")
    trainer.run(asked.plan, tell)
    best = trainer.best
    on_note(f"the best of {trainer.step} steps is step {best.step}: check {best.score:.4f}")
    return asked.out


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
    made = Trainer(asked.dataset, asked.out, base, asked.recipe, engine(precision=asked.precision, devices=1))
    if made.crops.left_out:
        on_note(made.crops.left_out)
    return made


def _first_line(licence: str) -> str:
    return licence.strip().splitlines()[0].strip() if licence.strip() else "not known"
