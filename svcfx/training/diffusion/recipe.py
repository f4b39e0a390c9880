"""What a diffusion model is made by: sizes and settings, and the model that they come to for a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from svcfx.chain.checkpoint.family import ENCODERS
from svcfx.chain.diffusion import Refiner, Sizes, Unit2Mel
from svcfx.chain.diffusion.refiner import VocoderBehind
from svcfx.errors import DatasetError, ParamError
from svcfx.training import ranges
from svcfx.training.index import DatasetIndex

Size = Literal["full", "small"]
SIZES: tuple[Size, ...] = get_args(Size)
TIMESTEPS = 1000
_NETS: Mapping[Size, Mapping[str, int]] = {
    "full": {"layers": 20, "channels": 512, "hidden": 256},
    "small": {"layers": 8, "channels": 384, "hidden": 256},
}
"""Fewer channels than twice the bins let no white noise of the mel through, and little is learnt."""
_BINS = 128
_HOP = 512
_VOCODER = "pretrain/nsf_hifigan/model"
"""Where so-vits-svc keeps it; svcfx takes the folder that it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionRecipe:
    """Everything that the weights after a number of steps depend on, apart from the data.

    Attributes:
        k_step_max: Noise levels that are learnt, from the lowest; 0 for all.
        augment: Whether half of the crops are heard in another key and loudness, which the model is told.
        rate: Learning rate at the start; halved every `halve_every` steps.
        seconds: Length of a crop.
        clip: Largest norm of a step's gradient.
        average: Share of the running average that stays after a step.
    """

    size: Size = "full"
    k_step_max: int = 0
    augment: bool = True
    batch: int = 48
    rate: float = 1e-4
    halve_every: int = 100_000
    seconds: float = 2.0
    clip: float = 1000.0
    average: float = 0.999
    seed: int = 1234

    @property
    def levels(self) -> int:
        """Noise levels that are learnt."""
        return self.k_step_max or TIMESTEPS

    def check(self) -> None:
        """Raise `ParamError` when something is out of range."""
        ranges.require_known("size", self.size, SIZES)
        if not 0 <= self.k_step_max <= TIMESTEPS:
            raise ParamError(f"k_step_max is {self.k_step_max}, allowed are 0 to {TIMESTEPS}")
        lowest = {"batch": 1, "rate": 1e-9, "clip": 1e-6, "seed": 0, "halve_every": 1, "seconds": 0.05}
        ranges.require_least(self, lowest)
        ranges.require_shares(self, ("average",))


def sizes(recipe: DiffusionRecipe, index: DatasetIndex) -> Sizes:
    """Sizes of the network; raises `DatasetError` when no diffusion model is made of such a dataset."""
    if index.content_encoder not in ENCODERS:
        raise DatasetError(
            f"the dataset holds '{index.content_encoder}' content, diffusion takes {' or '.join(ENCODERS)}",
            hint="Prepare it again with one of them.",
        )
    if index.hop != _HOP:
        raise DatasetError(
            f"the dataset's hop is {index.hop} samples, diffusion has {_HOP}", hint="Prepare it again."
        )
    return Sizes(
        units=ENCODERS[index.content_encoder],
        bins=_BINS,
        speakers=len(index.singers),
        pitch_shift=recipe.augment,
        timesteps=TIMESTEPS,
        **_NETS[recipe.size],
    )


def refiner(network: Unit2Mel, recipe: DiffusionRecipe, index: DatasetIndex) -> Refiner:
    """The model as it will be opened: the network, and what its config.yaml says of it."""
    return Refiner(
        network=network,
        sample_rate=index.sample_rate,
        hop=index.hop,
        encoder=index.content_encoder,
        unit_mode="nearest",
        timesteps=TIMESTEPS,
        k_step_max=recipe.levels,
        method="dpm-solver++",
        speedup=10,
        singers={name: row for row, name in enumerate(index.singers)},
        vocoder=VocoderBehind(bins=_BINS, checkpoint=_VOCODER),
    )
