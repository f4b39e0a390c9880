"""The tuning of a parametric voice, from what a person asks to a voice on the shelf."""

import datetime
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svcfx.chain.config import VOICE_RATE
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.errors import DatasetError, VoiceError
from svcfx.training import checkpoints
from svcfx.training import index as indexes
from svcfx.training.cloning.cloning import BASE, require_world
from svcfx.training.cloning.shelving import shelve, widened
from svcfx.training.engine import OnNote, engine
from svcfx.training.index import DatasetIndex
from svcfx.training.loop import fingerprint
from svcfx.training.request import VoiceRequest
from svcfx.training.tuning.batch import TakeFrames
from svcfx.training.tuning.recipe import TuningRecipe
from svcfx.training.tuning.trainer import WEIGHTS, TuningTrainer
from svcfx.voices import adding, shelf
from svcfx.voices.card import Card, Singer, StreamStart, verify

CONTENT = "builtin"
"""The content that a dataset for such voices holds."""


@dataclass(frozen=True, kw_only=True)
class TuningRequest(VoiceRequest[Card]):
    """`base` is a parametric voice on the shelf, "" the one that ships. It runs on one device."""

    recipe: TuningRecipe

    def require_room(self) -> bool:
        """Refuse a base or a dataset of another kind, and a name that another voice has."""
        source = _source(_index(self), _base(self))
        ours = bool(checkpoints.steps(self.out)) and any(
            card.name == self.voice and card.source == source for card in shelf.cards()
        )
        adding.place_for(self.voice, replace=ours)
        return ours

    def begun(self, on_note: OnNote) -> TuningTrainer:
        """The trainer, on the base's weights; raises `MissingPartError` when pyworld is not installed."""
        _index(self)
        base = _base(self)
        self.recipe.check()
        require_world()
        verify(base)
        made = engine(precision=self.precision, devices=1)
        net = network.load(base.path)
        return TuningTrainer(self.dataset, self.out, self.recipe, made, net, base.sha256[:12])

    def left(self, loop: TuningTrainer, replace: bool, on_note: OnNote) -> Card:
        """The best voice, on the shelf."""
        base = _base(self)
        card = _card(self, base, _source(loop.index, base), loop)
        place = adding.place_for(self.voice, replace=replace)
        return shelve(card, place, WEIGHTS, lambda path: shutil.copyfile(self.out / WEIGHTS, path))


def _base(asked: TuningRequest) -> Card:
    card = shelf.find(asked.base or BASE)
    if not card.is_made_here:
        raise VoiceError(
            f"voice '{asked.base}' is of family {card.family}, and a parametric voice begins with a"
            " parametric one",
            hint="give a clone, a voice that was trained so, or leave `base` out for the one that ships",
        )
    return card


def _index(asked: TuningRequest) -> DatasetIndex:
    index = indexes.read(asked.dataset)
    if index.content_encoder != CONTENT:
        raise DatasetError(
            f"'{asked.dataset}' holds '{index.content_encoder}' content, a parametric voice has '{CONTENT}'",
            hint="Prepare the recordings with `family` parametric, into another folder.",
        )
    return index


def _source(index: DatasetIndex, base: Card) -> str:
    """What the card says of where the voice is from; it also tells this run's voice from another's."""
    return f"dataset {fingerprint(index)}; nets of voice {base.name} {base.sha256[:12]}"


def _card(asked: TuningRequest, base: Card, source: str, trainer: TuningTrainer) -> Card:
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
        stream=StreamStart(loudness_db=base.stream.loudness_db),
        singers={
            name: _singer(row, trainer.drawing.takes, f"tuned on {minutes:.1f} minutes")
            for row, name in enumerate(index.singers)
        },
        training={"minutes_of_material": round(minutes, 2), "steps": float(trainer.best.step)},
    )


def _singer(row: int, takes: Sequence[TakeFrames], about: str) -> Singer:
    heard = np.concatenate([t.frames.f0_hz.numpy() for t in takes if t.row == row] or [np.zeros(1)])
    sung = heard[heard > 0]
    if not len(sung):
        return Singer(about=about)
    low, high = widened(*np.percentile(sung, [5.0, 95.0]).tolist())
    return Singer(low_hz=round(low, 1), high_hz=round(high, 1), about=about)
