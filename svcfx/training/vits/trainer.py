"""Training a so-vits-svc voice, in one folder.

    out/config.json, out/G_<step>.pth   the voice: averaged weights, of the best check
    out/D_<step>.pth                    its discriminators
    out/content.safetensors             its content encoder, where that is svcfx's own
    out/states/, previews/, curve.csv   as `training.loop` says

A run that is stopped at any moment goes on from its last state, and comes to the same bytes as one that was
not (on one device, at a fixed number of threads).
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain import families
from svcfx.chain.checkpoint.generator import unit_mode
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.errors import DatasetError
from svcfx.training import distributed, loop
from svcfx.training import index as indexes
from svcfx.training.average import Average
from svcfx.training.vits import upstream
from svcfx.training.vits.adversarial import Learner, optimiser
from svcfx.training.vits.base import Base
from svcfx.training.vits.checking import Check
from svcfx.training.vits.discriminators import Discriminators
from svcfx.training.vits.losses import StepShare
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.reader import BatchPart, Folder, Reader
from svcfx.training.vits.recipe import VitsRecipe, document
from svcfx.training.vits.spectra import Spectra

KIND = "voice"


class VitsTrainer(loop.TrainingLoop[list[BatchPart]]):
    """A run on a dataset; goes on from `out` when a run was there."""

    columns: ClassVar[tuple[str, ...]] = (
        "mel", "kl", "fm", "gen", "lf0", "subband", "disc", "norm_g", "norm_d",
    )  # fmt: skip
    joined: ClassVar[distributed.Reduce] = "sum"
    kept: ClassVar[int] = 2
    what_to_try: ClassVar[str] = (
        "Try `precision` fp32, a smaller `rate`, or `clip` 100;"
        " the training goes on from its last good state."
    )

    def __init__(self, dataset: Path, out: Path, recipe: VitsRecipe, engine: Any) -> None:
        recipe.check()
        self.recipe, self.dataset = recipe, dataset
        self.base: Base | None = None  # whose weights it was given
        index = indexes.read(dataset)
        self.document = document(recipe, index)
        super().__init__(
            out, engine, index, {"kind": KIND, "recipe": asdict(recipe), "document": self.document}
        )
        self.spectra = Spectra(index.sample_rate, index.fft, index.hop)
        config = vits_config("config.json", self.document)
        mode = unit_mode("config.json", self.document, families.of(recipe.family).title)
        takes = Folder(dataset, index, index.part("train"))
        if not len(takes):
            raise DatasetError(f"'{dataset}' has no items to train on", hint="Prepare more recordings.")
        checked = Folder(dataset, index, index.part("validation") or index.part("train"))
        self.check = Check(checked, self.document, mode, self.spectra)
        self.reader = Reader(takes, config, mode, recipe, engine.global_rank, engine.world_size)
        self._build(config)
        self.restore()

    def _build(self, config: Any) -> None:
        torch.manual_seed(self.recipe.seed)
        generator = TrainedGenerator(
            config, spectrum=self.spectra.bins, segment=self.recipe.segment, dropout=self.recipe.dropout
        ).to(self.engine.device)
        discriminators = Discriminators(self.recipe.narrow).to(self.engine.device)
        self.learner = Learner(generator, discriminators, self.spectra, self.engine)
        self.average = Average(generator, self.recipe.average)
        self.networks = {"generator": generator, "critics": discriminators}
        self.optimisers = {
            name: self.engine.setup_optimizers(optimiser(network, self.recipe.rate))
            for name, network in self.networks.items()
        }

    def accompany(self) -> None:
        """A dataset's own content encoder comes along."""
        upstream.bring_content(self.index.content_encoder, self.dataset, self.out)

    @property
    def voice(self) -> Path:
        """The best voice so far."""
        return self.out / f"G_{self.best.step}.pth"

    def given(self, step: int) -> list[BatchPart]:
        """This device's batches of a step."""
        return self.reader.parts(step)

    def work(self, step: int, given: list[BatchPart]) -> dict[str, torch.Tensor]:
        """One step of both networks; returns the terms and the norms of the gradients."""
        torch.manual_seed(_seed(self.recipe.seed, step, self.engine.global_rank))
        share = StepShare(*self.reader.items_and_frames(step))
        terms, sung = self.learner.sing(given, share)
        norm_g = self.apply("generator", self.recipe.clip)
        told = self.learner.tell(sung, share)
        norm_d = self.apply("critics", self.recipe.clip)
        return {**terms, **told, "norm_g": norm_g, "norm_d": norm_d}

    def rate(self, step: int) -> float:
        """A little less each time all takes were heard."""
        return self.recipe.rate * self.recipe.decay ** self.reader.order.epoch(step)

    def distance(self) -> float:
        """As `Check` measures it."""
        return self.check.distance(self.average.network)

    def preview(self) -> Samples:
        """The first take, sung."""
        return self.check.preview(self.average.network)

    def keep(self) -> None:
        """Write the voice and its discriminators as so-vits-svc lays them out."""
        epoch = self.reader.order.epoch(self.step)
        networks = self.average.network, self.learner.discriminators
        upstream.write(networks, self.document, self.out, step=self.step, epoch=epoch)


def _seed(seed: int, step: int, rank: int) -> int:
    """For what torch draws in a step (dropout): the same whether or not the run was stopped before."""
    return int(np.random.SeedSequence((seed, 2, step, rank)).generate_state(1, np.uint64)[0] >> 1)
