"""A run of a diffusion model on a dataset.

out/config.yaml, out/model_<step>.pt    the model: averaged weights, of the best check
out/states/, out/curve.csv              as `training.loop` says

What it learns: which noise was put into a mel.

Source: Ho et al., "Denoising diffusion probabilistic models", 2020, their simple loss.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from svcfx.atomic import placed
from svcfx.chain.checkpoint.export import documents
from svcfx.chain.checkpoint.export.writing import write_refiner
from svcfx.chain.diffusion import Unit2Mel
from svcfx.chain.diffusion.shallow import normalise
from svcfx.chain.diffusion.unit2mel import SHIFT_SCALE
from svcfx.chain.families import DIFFUSION
from svcfx.training import index as indexes
from svcfx.training.average import Average
from svcfx.training.crops import Crop, Crops
from svcfx.training.diffusion.batch import DiffusionBatch, joined
from svcfx.training.diffusion.recipe import DiffusionRecipe, refiner, sizes
from svcfx.training.loop import TrainingLoop
from svcfx.training.vits.reader import Folder

MOST_TAKES, LEVELS_CHECKED = 8, 8
"""A check drowns so many takes, each at so many levels."""
LONGEST_FRAMES = 430
KIND = DIFFUSION.name


class DiffusionTrainer(TrainingLoop[DiffusionBatch]):
    """A run on a dataset; goes on from `out` when a run was there."""

    columns: ClassVar[tuple[str, ...]] = ("noise", "norm")

    def __init__(self, dataset: Path, out: Path, recipe: DiffusionRecipe, engine: Any) -> None:
        recipe.check()
        self.recipe = recipe
        index = indexes.read(dataset)
        torch.manual_seed(recipe.seed)
        network = Unit2Mel(sizes(recipe, index))
        start(network)
        self.network = network.to(engine.device)
        self.average = Average(self.network, recipe.average)
        self.form = refiner(network, recipe, index).mel
        self.document = dict(documents.diffusion(refiner(network, recipe, index), ""))
        super().__init__(
            out, engine, index, {"kind": KIND, "recipe": asdict(recipe), "document": self.document}
        )
        frames = max(1, round(recipe.seconds * index.sample_rate / index.hop))
        takes = Folder(dataset, index, index.part("train"))
        places = {"rank": engine.global_rank, "world": engine.world_size}
        self.crops = Crops.of(takes, frames, recipe.batch, recipe.seed, recipe.seconds, **places)
        self.checked = Folder(dataset, index, index.part("validation") or index.part("train"))
        self.networks = {"network": self.network}
        one = torch.optim.AdamW(self.network.parameters(), recipe.rate, weight_decay=0.0)
        self.optimisers = {"network": engine.setup_optimizers(one)}
        self.restore()

    def given(self, step: int) -> DiffusionBatch:
        """The crops of a step, drowned."""
        return joined(self.crops.step(step), self.form, self.recipe.levels, augment=self.recipe.augment)

    def work(self, step: int, given: DiffusionBatch) -> dict[str, torch.Tensor]:
        """One step; returns "noise", the mean square of what it missed, and the norm of the gradient."""
        with self.engine.autocast():
            loss = distances(self.network, given.to(self.engine.device)).mean()
        self.engine.backward(loss)
        return {"noise": loss, "norm": self.apply("network", self.recipe.clip)}

    def rate(self, step: int) -> float:
        """Halved every so many steps."""
        return self.recipe.rate * float(0.5 ** (step // self.recipe.halve_every))

    @torch.no_grad()
    def distance(self) -> float:
        """The loss on the beginning of each take, at levels that lie evenly, in noise that stays the same."""
        levels = torch.linspace(0, self.recipe.levels - 1, LEVELS_CHECKED).round().long()
        found = []
        for number in range(min(len(self.checked), MOST_TAKES)):
            item, row = self.checked.take(number)
            stop = min(item.frames, LONGEST_FRAMES)
            crop = Crop(item, row, 0, stop, np.random.default_rng((1, number)))
            batch = joined([crop], self.form, self.recipe.levels, augment=False).to(self.engine.device)
            for level in levels:
                at = replace(batch, level=level[None])
                found.append(float(distances(self.average.network, at).mean()))
        return sum(found) / len(found)

    def keep(self) -> None:
        """Write model_<step>.pt and config.yaml; other models of the folder go once they are there."""
        model = refiner(self.average.network, self.recipe, self.index)
        name = f"model_{self.step}.pt"
        with placed(self.out) as folder:
            write_refiner(folder / name, folder / "config.yaml", model, model.vocoder.checkpoint)
        for other in self.out.glob("model_*.pt"):
            if other.name != name:
                other.unlink()

    @property
    def model(self) -> Path:
        """The best model so far."""
        return self.out / f"model_{self.best.step}.pt"


def start(network: Unit2Mel) -> None:
    """Weights to begin with: it says first that there is no noise, and moves from there."""
    for module in network.denoiser.modules():
        if isinstance(module, nn.Conv1d):
            nn.init.kaiming_normal_(module.weight)
    nn.init.zeros_(network.denoiser.output_projection.weight)


def distances(network: Unit2Mel, batch: DiffusionBatch) -> torch.Tensor:
    """Mean square of what is wrong in the noise that the network finds, (B,)."""
    mel = normalise(batch.mel)
    kept = torch.from_numpy(network.schedule.kept)[batch.level].float().to(mel.device)[:, None, None]
    drowned = kept.sqrt() * mel + (1.0 - kept).sqrt() * batch.noise
    hoisted = network.denoiser.hoist(_condition(network, batch).transpose(1, 2))
    found: torch.Tensor = network.denoiser(drowned, batch.level, hoisted)
    return (found.float() - batch.noise).square().flatten(1).mean(1)


def _condition(network: Unit2Mel, batch: DiffusionBatch) -> torch.Tensor:
    """(B, T, hidden), each crop with its own key shift."""
    own = network.conditioning
    singer = functional.one_hot(batch.singer, network.sizes.speakers).float()[:, None]
    condition: torch.Tensor = own(batch.content, batch.f0_hz, batch.volume, singer)
    if network.sizes.pitch_shift:
        condition = condition + batch.shift[:, None, None] / SHIFT_SCALE * own.aug_shift_embed.weight[:, 0]
    return condition
