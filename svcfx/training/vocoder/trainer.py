"""A run that teaches a vocoder on a dataset.

out/model, out/config.json, out/NOTICE.txt    the vocoder: averaged weights, of the best check
out/previews/                                 one take, sung from its own mel at each check
out/states/, out/curve.csv                    as `training.loop` says

The vocoder's weights are taken apart while it learns (`apart`), and put together for who sings (`whole`).

Source: Kong et al., HiFi-GAN, 2020; Salimans & Kingma, "Weight normalization", 2016.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn.utils import parametrizations

from svcfx.atomic import placed
from svcfx.audio import Samples
from svcfx.chain.checkpoint.export import documents
from svcfx.chain.checkpoint.export.writing import write_vocoder
from svcfx.chain.vocoder import MelFormat, NsfHifiGan, Vocoder, log_mel
from svcfx.training import index as indexes
from svcfx.training.average import Average
from svcfx.training.crops import Crops, audio_of, mel_of
from svcfx.training.items import Item
from svcfx.training.loop import TrainingLoop
from svcfx.training.vits.adversarial import optimiser
from svcfx.training.vits.discriminators import VocoderDiscriminators
from svcfx.training.vits.losses import MEL_WEIGHT, fooling_terms, telling_terms
from svcfx.training.vits.reader import Folder
from svcfx.training.vocoder.batch import VocoderBatch, joined
from svcfx.training.vocoder.recipe import VocoderRecipe, require_fit

_NORMED = ("conv_pre", "conv_post", "ups.", "resblocks.")
"""Layers whose length and direction are learnt apart, as files keep them."""
MOST_TAKES, LONGEST_FRAMES = 8, 430
KIND = "vocoder"


def apart(vocoder: NsfHifiGan) -> NsfHifiGan:
    """A copy that learns, with the same weights."""
    network = NsfHifiGan(vocoder.config)
    network.load_state_dict(vocoder.state_dict())
    for name, module in network.named_modules():
        if name.startswith(_NORMED) and isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
            parametrizations.weight_norm(module)
    return network


def whole(network: NsfHifiGan) -> NsfHifiGan:
    """A copy of a network of `apart` that has its weights in one piece, on the CPU."""
    made = NsfHifiGan(network.config)
    weights = {}
    for key in made.state_dict():
        layer, _, last = key.rpartition(".")
        weights[key] = getattr(network.get_submodule(layer), last).detach().cpu()
    made.load_state_dict(weights)
    return made.eval().requires_grad_(False)


def heard(form: MelFormat) -> MelFormat:
    """The mel that takes and what was sung are compared by: a vocoder's own, up to half the rate."""
    return replace(form, high_hz=form.sample_rate_hz / 2, log_base="natural")


def sing(
    network: NsfHifiGan, discriminators: VocoderDiscriminators, batch: VocoderBatch, engine: Any
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Gradients of the vocoder; returns its terms and what it sang, (B, N)."""
    discriminators.requires_grad_(False)
    with engine.autocast():
        made = network(batch.mel, batch.f0_hz, batch.noise)
        with torch.no_grad():
            known = discriminators(batch.audio)
        opinions = discriminators(made)
    form = heard(network.config.mel)
    with torch.autocast(made.device.type, enabled=False):
        distance = (log_mel(made, form) - log_mel(batch.audio, form)).abs().mean()
        terms = {name: term.mean() for name, term in fooling_terms(opinions, known).items()}
        terms["mel"] = MEL_WEIGHT * distance
    engine.backward(torch.stack(list(terms.values())).sum())
    discriminators.requires_grad_(True)
    return terms, made.detach().float()


def tell(
    discriminators: VocoderDiscriminators, made: torch.Tensor, real: torch.Tensor, engine: Any
) -> dict[str, torch.Tensor]:
    """Gradients of the discriminators on what was sung before; returns their term."""
    with engine.autocast():
        fake, right = discriminators(made), discriminators(real)
    terms = {name: term.mean() for name, term in telling_terms(fake, right).items()}
    engine.backward(terms["disc"])
    return terms


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
        self.network = apart(base.network).to(engine.device)
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
        terms, made = sing(self.network, self.discriminators, batch, self.engine)
        norm_g = self.apply("network", self.recipe.clip)
        terms |= tell(self.discriminators, made, batch.audio, self.engine)
        return terms | {"norm_g": norm_g, "norm_d": self.apply("critics", self.recipe.clip)}

    def rate(self, step: int) -> float:
        """Falls each time all takes were heard."""
        return self.recipe.rate * float(self.recipe.decay ** self.crops.order.epoch(step))

    def distance(self) -> float:
        """Mean L1 of the log mel between takes and what is sung of their own mels; smaller is better."""
        form = heard(self.form)
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
        made = Vocoder(whole(self.average.network), self.out.name, self.licence)
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
