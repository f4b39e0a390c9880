"""What a person asks of a so-vits-svc voice's training, which ends with the voice on the shelf."""

from dataclasses import dataclass

from svcfx.training import checkpoints
from svcfx.training import index as indexes
from svcfx.training.engine import OnNote, unheard
from svcfx.training.request import VoiceRequest
from svcfx.training.vits import base as bases
from svcfx.training.vits import warm_start
from svcfx.training.vits.recipe import VitsRecipe
from svcfx.training.vits.trainer import VitsTrainer
from svcfx.voices import adding, shelf, source
from svcfx.voices.card import Card


@dataclass(frozen=True, kw_only=True)
class VitsRequest(VoiceRequest[Card]):
    """`base` is a voice as `base.open_base` takes it, "" begins from nothing."""

    recipe: VitsRecipe

    @property
    def takes_a_step(self) -> int:
        """Takes that each device hears in a step."""
        return self.recipe.batch * self.recipe.accumulate

    def require_room(self) -> bool:
        """Refuse a name that another voice has; True where the voice of that name is of this training."""
        came = {f"file G_{step}.pth" for step in checkpoints.steps(self.out)}
        ours = any(card.name == self.voice and card.source in came for card in shelf.cards())
        adding.place_for(self.voice, replace=ours)
        return ours

    def begun(self, on_note: OnNote) -> VitsTrainer:
        """The trainer, with the base's weights where it begins."""
        self.recipe.check()
        indexes.read(self.dataset)  # before anything that takes seconds
        base = None
        if checkpoints.steps(self.out):
            bases.require_asked(self.out, self.base)
        elif self.base:
            base = bases.open_base(self.base, on_note)
            bases.require_same(self.out, base)
        on = self.engine(on_note)
        trainer = VitsTrainer(self.dataset, self.out, self.recipe, on)
        if base is not None and not trainer.step:
            _warm(trainer, base, on_note if on.is_global_zero else unheard)
        return trainer

    def starts(self, loop: VitsTrainer, on_note: OnNote) -> None:
        """Keep what it begins with."""
        if not loop.step:
            bases.write(self.out, self.base, loop.base)

    def left(self, loop: VitsTrainer, replace: bool, on_note: OnNote) -> Card:
        """The best voice, on the shelf."""
        consent = self.consent or indexes.read(self.dataset).consent or adding.UNSAID
        said = adding.Declaration(name=self.voice, licence=self.licence, consent=consent)
        source.forget(self.base)
        return adding.add(str(loop.voice), said, replace=replace, on_note=on_note)


def _warm(trainer: VitsTrainer, base: bases.Base, on_note: OnNote) -> None:
    """Give a trainer a base's weights."""
    trainer.base = base
    taken = warm_start.begin(trainer.learner.generator, base.generator, base.name)
    trainer.average.network.load_state_dict(trainer.learner.generator.state_dict())
    on_note(f"{taken.tensors} of {taken.of} tensors are from '{base.name}'")
    if base.discriminators is not None:
        warm_start.begin(trainer.learner.discriminators, base.discriminators, base.name)
    else:
        on_note("its discriminators were not there and begin from nothing")
