"""A run of a parametric voice on the recordings of its singers: the encoder stands, the decoder learns.

out/voice.safetensors                  the voice: averaged weights, of the best check
out/previews/                          one take sung from itself, at each check
out/states/, out/curve.csv             as `training.loop` says
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import torch
from torch import nn

from svcfx.atomic import placed
from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.chain.parametric.nets import Decoder, Envelope
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.errors import DatasetError
from svcfx.training import index as indexes
from svcfx.training import items
from svcfx.training.average import Average
from svcfx.training.loop import TrainingLoop
from svcfx.training.tuning import batch
from svcfx.training.tuning.batch import CropDrawing, TuningBatch, whole
from svcfx.training.tuning.losses import sung, total
from svcfx.training.tuning.recipe import TuningRecipe

WEIGHTS = "voice.safetensors"
KIND = PARAMETRIC.name
LEAST_RATE = 0.02
MOST_TAKES = 8


class Tuned(nn.Module):
    """What learns: the decoder and a row for each singer."""

    def __init__(self, decoder: Decoder, singers: torch.Tensor) -> None:
        super().__init__()
        self.decoder = copy.deepcopy(decoder).requires_grad_(True)
        self.singers = nn.Embedding(len(singers), singers.shape[1], _weight=singers.clone())

    def forward(self, z: torch.Tensor, controls: torch.Tensor, row: torch.Tensor) -> Envelope:
        made: Envelope = self.decoder(z, controls, self.singers(row))
        return made


class TuningTrainer(TrainingLoop[TuningBatch]):
    """A run on a dataset; goes on from `out` when a run was there.

    Args:
        base: The voice that it begins with.
        origin: Hash of that voice's file.
    """

    columns: ClassVar[tuple[str, ...]] = (
        "envelope", "motion", "contrast", "variance", "breath", "loudness", "norm",
    )  # fmt: skip

    may_change: ClassVar[frozenset[str]] = frozenset({"steps"})

    def __init__(
        self,
        dataset: Path,
        out: Path,
        recipe: TuningRecipe,
        engine: Any,
        base: ParametricNet,
        origin: str,
    ) -> None:
        recipe.check()
        index = indexes.read(dataset)
        if not index.part("train"):
            raise DatasetError(f"'{dataset}' has no items to train on", hint="Prepare more recordings.")
        super().__init__(
            out, engine, index, {"kind": KIND, "recipe": asdict(recipe), "document": {"base": origin}}
        )
        self.dataset, self.recipe, self.base = dataset, recipe, base
        held = index.part("validation") or index.part("train")
        heard = batch.read(dataset, index, (*index.part("train"), *held[:MOST_TAKES]))
        count = len(index.part("train"))
        self.drawing = CropDrawing(heard[:count], recipe, base.reference, base.config.content)
        self.checked = [whole(take, base.reference, base.config.content) for take in heard[count:]]
        self.encoder = copy.deepcopy(base.encoder).to(engine.device)
        torch.manual_seed(recipe.seed)
        self.network = Tuned(base.decoder, _begun(base, index.singers)).to(engine.device)
        self.average = Average(self.network, recipe.average)
        self.networks = {"network": self.network}
        one = torch.optim.AdamW(self.network.parameters(), recipe.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.optimisers = {"network": engine.setup_optimizers(one)}
        self.restore()

    def given(self, step: int) -> TuningBatch:
        """The crops of a step, disturbed."""
        return self.drawing.step(step)

    def work(self, step: int, given: TuningBatch) -> dict[str, torch.Tensor]:
        """One step; returns the terms and the norm of the gradient."""
        batch = given.to(self.engine.device)
        with self.engine.autocast():
            made = self._sung(self.network, batch)
        terms = sung(made, batch)
        self.engine.backward(total(terms))
        return terms | {"norm": self.apply("network", self.recipe.clip)}

    def rate(self, step: int) -> float:
        """Rises over a few steps, then falls as a cosine."""
        recipe = self.recipe
        fallen = 0.5 + 0.5 * math.cos(math.pi * min(1.0, step / recipe.steps))
        risen = min(1.0, (step + 1) / recipe.warmup)
        return recipe.rate * risen * (LEAST_RATE + (1.0 - LEAST_RATE) * fallen)

    @torch.no_grad()
    def distance(self) -> float:
        """The weighted terms on held-back takes as they are, in natural-log amplitude."""
        found = []
        for take in self.checked:
            batch = take.to(self.engine.device)
            found.append(float(total(sung(self._sung(self.average.network, batch), batch))))
        return sum(found) / len(found)

    def keep(self) -> None:
        """Write the voice so far."""
        with placed(self.out) as folder:
            network.save(self.voice(), folder / WEIGHTS)

    def preview(self) -> Samples:
        """The first take that was held back, sung from itself."""
        entry = (self.index.part("validation") or self.index.part("train"))[0]
        heard = items.read(self.dataset / entry.file)
        voice = ParametricVoice(entry.singer, self.voice())
        return voice.convert(heard.audio, self.index.sample_rate, ChainSettings(entry.singer))[None]

    def voice(self) -> ParametricNet:
        """The voice as it will be opened, on the processor."""
        own = copy.deepcopy(self.average.network).cpu().eval().requires_grad_(False)
        singers = {name: own.singers.weight[row] for row, name in enumerate(self.index.singers)}
        # A refiner knows what another decoder misses of other singers.
        return replace(self.base, decoder=own.decoder, singers=MappingProxyType(singers), refiner=None)

    def _sung(self, tuned: Tuned, batch: TuningBatch) -> Envelope:
        with torch.no_grad():
            z = self.encoder(batch.log_mel)
        made: Envelope = tuned(z + batch.noise, batch.controls, batch.row)
        return made


def _begun(base: ParametricNet, names: tuple[str, ...]) -> torch.Tensor:
    """Rows (n, E) to begin with: those of singers called so, else the middle of the base's singers."""
    known: Mapping[str, torch.Tensor] = base.singers
    middle = torch.stack(list(known.values())).mean(0)
    return torch.stack([known.get(name, middle) for name in names])
