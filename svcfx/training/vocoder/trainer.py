"""A run that teaches a vocoder on a dataset.

out/model, out/config.json, out/NOTICE.txt    the vocoder: averaged weights, of the best check
out/previews/                                 one take, sung from its own mel at each check
out/states/, out/curve.csv                    as `training.loop` says
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import torch

from svcfx.audio import Samples
from svcfx.chain.checkpoint.export import documents
from svcfx.chain.checkpoint.export.writing import write_vocoder
from svcfx.chain.vocoder import NsfHifiGan, Vocoder, log_mel
from svcfx.training import index as indexes
from svcfx.training.average import Average
from svcfx.training.crops import Crops, audio_of, mel_of
from svcfx.training.items import Item
from svcfx.training.loop import TrainingLoop
from svcfx.training.placing import placed
from svcfx.training.vits.adversarial import optimiser
from svcfx.training.vits.discriminators import VocoderDiscriminators
from svcfx.training.vits.reader import Folder
from svcfx.training.vocoder import learning
from svcfx.training.vocoder.batch import VocoderBatch, joined
from svcfx.training.vocoder.recipe import VocoderRecipe, require_fit

MOST_TAKES, LONGEST_FRAMES = 8, 430
KIND = "vocoder"


class VocoderTrainer(TrainingLoop[VocoderBatch]):
    """A run on a dataset that begins with `base`; goes on from `out` when a run was there."""

    columns: ClassVar[tuple[str, ...]] = ("mel", "fm", "gen", "disc", "norm_g", "norm_d")

    def __init__(self, dataset: Path, out: Path, base: Vocoder, recipe: VocoderRecipe, engine: Any) -> None:
        recipe.check()
        self.recipe, self.base = recipe, base
        index = indexes.read(dataset)
        require_fit(base, index)
        self.form = base.mel
        known = {**documents.vocoder(base.network.config), "base": _digest(base.network.state_dict())}
        super().__init__(out, engine, index, {"kind": KIND, "recipe": asdict(recipe), "document": known})
        takes = Folder(dataset, index, index.part("train"))
        seconds = recipe.frames * index.hop / index.sample_rate
        places = {"rank": engine.global_rank, "world": engine.world_size}
        self.crops = Crops.of(takes, recipe.frames, recipe.batch, recipe.seed, seconds, **places)
        self.checked = Folder(dataset, index, index.part("validation") or index.part("train"))
        torch.manual_seed(recipe.seed)
        self.network = learning.apart(base.network).to(engine.device)
        self.discriminators = VocoderDiscriminators(recipe.narrow).to(engine.device)
        self.average: Average[NsfHifiGan] = Average(self.network, recipe.average)
        self.networks = {"network": self.network, "critics": self.discriminators}
        self.optimisers = {
            name: engine.setup_optimizers(optimiser(network, recipe.rate))
            for name, network in self.networks.items()
        }
        self.restore()

    def given(self, step: int) -> VocoderBatch:
        """The crops of a step."""
        return joined(self.crops.step(step), self.form)

    def work(self, step: int, given: VocoderBatch) -> dict[str, torch.Tensor]:
        """One step of both; returns the terms and the norms of the gradients."""
        batch = given.to(self.engine.device)
        terms, made = learning.sing(self.network, self.discriminators, batch, self.engine)
        norm_g = self.apply("network", self.recipe.clip)
        terms |= learning.tell(self.discriminators, made, batch.audio, self.engine)
        return terms | {"norm_g": norm_g, "norm_d": self.apply("critics", self.recipe.clip)}

    def rate(self, step: int) -> float:
        """Falls each time all takes were heard."""
        return self.recipe.rate * float(self.recipe.decay ** self.crops.order.epoch(step))

    def distance(self) -> float:
        """Mean L1 of the log mel between takes and what is sung of their own mels; smaller is better."""
        form = learning.heard(self.form)
        found = []
        for number in range(min(len(self.checked), MOST_TAKES)):
            item, _ = self.checked.take(number)
            sung, real = self._sing(item)
            found.append(float((log_mel(sung, form) - log_mel(real, form)).abs().mean()))
        return sum(found) / len(found)

    def preview(self) -> Samples:
        """The first take, sung."""
        sung, _ = self._sing(self.checked.take(0)[0])
        return sung.cpu().numpy()

    def keep(self) -> None:
        """Write the vocoder as openvpi lays it out."""
        made = Vocoder(learning.whole(self.average.network), self.out.name, self.licence)
        with placed(self.out) as folder:
            write_vocoder(folder, made)

    @property
    def licence(self) -> str:
        """The terms of the base, which hold for what is made of it too."""
        said = f"Trained further from vocoder '{self.base.name}', whose terms hold for this one too."
        return self.base.licence if said in self.base.licence else f"{self.base.licence}\n\n{said}"

    @torch.no_grad()
    def _sing(self, item: Item) -> tuple[torch.Tensor, torch.Tensor]:
        """A take sung from its own mel, without noise, and as it was; both (1, N)."""
        frames = slice(0, min(item.frames, LONGEST_FRAMES))
        mel, f0_hz, real = (
            tensor[None].to(self.engine.device)
            for tensor in (
                mel_of(item, frames, self.form),
                torch.from_numpy(item.f0_hz[frames]),
                audio_of(item, frames, self.form.hop_samples),
            )
        )
        sung: torch.Tensor = self.average.network(mel, f0_hz)
        return sung, real


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """A short name for weights."""
    found = hashlib.sha256()
    for tensor in tensors.values():
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]
