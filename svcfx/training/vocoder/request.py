"""What a person asks of a vocoder's fine-tuning, which ends with a folder that voices and others read."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.checkpoint import open_vocoder
from svcfx.errors import VoiceError
from svcfx.training import index as indexes
from svcfx.training.engine import OnNote
from svcfx.training.request import TrainingRequest
from svcfx.training.vocoder.recipe import VocoderRecipe
from svcfx.training.vocoder.trainer import VocoderTrainer


@dataclass(frozen=True, kw_only=True)
class VocoderRequest(TrainingRequest[Path]):
    """`base` is the folder of the NSF-HiFiGAN to begin with."""

    recipe: VocoderRecipe
    base: Path

    def begun(self, on_note: OnNote) -> VocoderTrainer:
        """The trainer, on the base's weights."""
        self.recipe.check()
        indexes.read(self.dataset)  # before anything that takes seconds
        base_folder = self.base if self.base.is_dir() else self.base.parent
        if base_folder.resolve() == self.out.resolve():
            raise VoiceError(
                f"'{self.out}' is the vocoder to begin with, and would be written over",
                hint="Choose another folder with `out`.",
            )
        base = open_vocoder(self.base)
        made = VocoderTrainer(self.dataset, self.out, base, self.recipe, self.engine(on_note))
        if made.crops.left_out and made.leads:
            on_note(made.crops.left_out)
        return made

    def starts(self, loop: VocoderTrainer, on_note: OnNote) -> None:
        """Say whose terms hold, and how good the base is."""
        terms = loop.base.licence.strip().splitlines() or ["not known"]
        on_note(f"what is made of '{loop.base.name}' stays under its terms: {terms[0].strip()}")
        if not loop.step:
            on_note(f"'{loop.base.name}' as it is: check {loop.distance():.4f}")

    def left(self, loop: VocoderTrainer, replace: bool, on_note: OnNote) -> Path:
        """The folder of the best vocoder."""
        return self.out
