"""What a person asks of a diffusion model's training, which ends with a model that a voice is added with."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.checkpoint.tensors import under
from svcfx.chain.diffusion.unit2mel import own_tensors
from svcfx.training import checkpoints
from svcfx.training import index as indexes
from svcfx.training.diffusion.recipe import DiffusionRecipe
from svcfx.training.diffusion.trainer import DiffusionTrainer
from svcfx.training.engine import OnNote, unheard
from svcfx.training.request import TrainingRequest
from svcfx.training.vits import warm_start


@dataclass(frozen=True, kw_only=True)
class DiffusionRequest(TrainingRequest[Path]):
    """`base` is a model_*.pt to begin with, None begins from nothing."""

    recipe: DiffusionRecipe
    base: Path | None = None

    def begun(self, on_note: OnNote) -> DiffusionTrainer:
        """The trainer, with the base's weights where it begins."""
        self.recipe.check()
        indexes.read(self.dataset)  # before anything that takes seconds
        base = None
        if self.base is not None and not checkpoints.steps(self.out):
            base = own_tensors(under(self.base, "model", "a so-vits-svc diffusion model"))
        made = DiffusionTrainer(self.dataset, self.out, self.recipe, self.engine(on_note))
        if not made.leads:
            on_note = unheard
        if made.crops.left_out:
            on_note(made.crops.left_out)
        if base is not None and self.base is not None and not made.step:
            taken = warm_start.begin(made.network, base, self.base.name)
            made.average.network.load_state_dict(made.network.state_dict())
            on_note(f"{taken.tensors} of {taken.of} tensors are from '{self.base.name}'")
        return made

    def left(self, loop: DiffusionTrainer, replace: bool, on_note: OnNote) -> Path:
        """The best model_<step>.pt."""
        return loop.model
