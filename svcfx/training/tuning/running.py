"""The tuning of a parametric voice, from what a person asks to a voice on the shelf."""

import datetime
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from svcfx.chain.config import VOICE_RATE
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.errors import DatasetError, VoiceError
from svcfx.training import index as indexes
from svcfx.training import states
from svcfx.training.cloning.cloning import BASE, require_world
from svcfx.training.cloning.shelving import shelve, widened
from svcfx.training.course import fingerprint
from svcfx.training.engine import OnNote, engine
from svcfx.training.estimate import Facts, measure
from svcfx.training.index import Index
from svcfx.training.plan import Tell
from svcfx.training.request import VoiceRequest
from svcfx.training.tuning.recipe import Recipe
from svcfx.training.tuning.takes import Take
from svcfx.training.tuning.trainer import WEIGHTS, Trainer
from svcfx.voices import adding, shelf
from svcfx.voices.card import Card, Singer, Stream, verify

CONTENT = "builtin"
"""The content that a dataset for such voices holds."""
OnShare = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class Asked(VoiceRequest):
    """What a person asks for; `base` is a parametric voice on the shelf, "" the one that ships.

    It runs on one device.
    """

    recipe: Recipe


def train(asked: Asked, tell: Tell, on_note: OnNote, on_share: OnShare = lambda _: None) -> Card:
    """Tune, or go on, and put the voice on the shelf.

    Args:
        on_share: Told which share of the recordings was heard, before the first step.

    Raises:
        OutputExistsError: There is a voice of that name which is not from this run; said before anything.
        DatasetError: The dataset is of another kind, or damaged.
        VoiceError: The base is no parametric voice.
        MissingPartError: pyworld is not installed.
        TrainingError, ParamError, OutputError: As `Course.run` says.
    """
    base, index = _base(asked), _index(asked)
    source = _source(index, base)
    ours = bool(states.steps(asked.out)) and any(
        card.name == asked.voice and card.source == source for card in shelf.cards()
    )
    place = adding.place_for(asked.voice, replace=ours)
    trainer = _trainer(asked, base, on_share)
    if trainer.step:
        on_note(f"going on from step {trainer.step}")
    trainer.run(asked.plan, tell)
    on_note(f"the best of {trainer.step} steps is step {trainer.best.step}")
    card = _card(asked, base, source, trainer)
    return shelve(card, place, WEIGHTS, lambda path: shutil.copyfile(asked.out / WEIGHTS, path))


def facts(asked: Asked, on_note: OnNote, on_share: OnShare = lambda _: None) -> Facts:
    """What it would take; nothing is written."""
    _index(asked)
    return measure(_trainer(asked, _base(asked), on_share), asked.plan, asked.recipe.batch)


def _trainer(asked: Asked, base: Card, on_share: OnShare) -> Trainer:
    asked.recipe.check()
    require_world()
    verify(base)
    made = engine(precision=asked.precision, devices=1)
    net = network.load(base.path)
    return Trainer(asked.dataset, asked.out, asked.recipe, made, net, base.sha256[:12], on_share)


def _base(asked: Asked) -> Card:
    card = shelf.find(asked.base or BASE)
    if not card.is_made_here:
        raise VoiceError(
            f"voice '{asked.base}' is of family {card.family}, and a parametric voice begins with a"
            " parametric one",
            hint="give a clone, a voice that was trained so, or leave --from out for the one that ships",
        )
    return card


def _index(asked: Asked) -> Index:
    index = indexes.read(asked.dataset)
    if index.content_encoder != CONTENT:
        raise DatasetError(
            f"'{asked.dataset}' holds '{index.content_encoder}' content, a parametric voice has '{CONTENT}'",
            hint="Prepare the recordings with --family parametric, into another folder.",
        )
    return index


def _source(index: Index, base: Card) -> str:
    """What the card says of where the voice is from; it also tells this run's voice from another's."""
    return f"dataset {fingerprint(index)}; nets of voice {base.name} {base.sha256[:12]}"


def _card(asked: Asked, base: Card, source: str, trainer: Trainer) -> Card:
    index = trainer.index
    entries = index.part("train")
    minutes = sum(entry.frames for entry in entries) * index.hop / index.sample_rate / 60.0
    own = "" if asked.licence == adding.UNSAID else f"{asked.licence}; "
    return Card.model_construct(
        name=asked.voice,
        family=PARAMETRIC.name,
        rate=VOICE_RATE,
        licence=f"{own}made from voice '{base.name}', whose terms are: {base.licence}",
        consent=asked.consent or index.consent or adding.UNSAID,
        source=source,
        added=datetime.date.today(),
        stream=Stream(loudness_db=base.stream.loudness_db),
        singers={
            name: _singer(row, trainer.drawing.takes, f"tuned on {minutes:.1f} minutes")
            for row, name in enumerate(index.singers)
        },
        training={"minutes_of_material": round(minutes, 2), "steps": float(trainer.best.step)},
    )


def _singer(row: int, takes: Sequence[Take], about: str) -> Singer:
    heard = np.concatenate([t.frames.f0_hz.numpy() for t in takes if t.row == row] or [np.zeros(1)])
    sung = heard[heard > 0]
    if not len(sung):
        return Singer(about=about)
    low, high = widened(*np.percentile(sung, [5.0, 95.0]).tolist())
    return Singer(low_hz=round(low, 1), high_hz=round(high, 1), about=about)
