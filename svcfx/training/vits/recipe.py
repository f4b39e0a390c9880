"""What a voice is made by: family, size, the settings of its training, and the config.json they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from svcfx.chain import families
from svcfx.chain.checkpoint import family
from svcfx.errors import DatasetError, ParamError
from svcfx.training import ranges
from svcfx.training.index import DatasetIndex
from svcfx.training.vits.batch import SEGMENT_FRAMES

Size = Literal["full", "small"]
FAMILIES = tuple(family.name for family in families.trained("vits"))
SIZES: tuple[Size, ...] = get_args(Size)
_NARROW: Mapping[Size, int] = {"full": 1, "small": 4}
_SPEAKERS = 200
"""Rows of the speaker table in 4.0 and the fork, whoever sings; their base models have as many."""
_COMMON: Mapping[str, Any] = {
    "inter_channels": 192, "hidden_channels": 192, "filter_channels": 768, "n_heads": 2, "n_layers": 6,
    "kernel_size": 3, "p_dropout": 0.1, "resblock": "1", "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
}  # fmt: skip
_UPSAMPLING: Mapping[str, Any] = {
    "upsample_rates": [8, 8, 2, 2, 2], "upsample_initial_channel": 512,
    "upsample_kernel_sizes": [16, 16, 4, 4, 4],
}  # fmt: skip
_BANDED: Mapping[str, Any] = {
    "upsample_rates": [8, 4], "upsample_initial_channel": 512, "upsample_kernel_sizes": [32, 16],
    "type_": "ms-istft", "gen_istft_n_fft": 16, "gen_istft_hop_size": 4, "subbands": 4,
}  # fmt: skip
_SMALL: Mapping[str, Any] = {
    "inter_channels": 96, "hidden_channels": 96, "filter_channels": 256, "n_layers": 3,
    "resblock_kernel_sizes": [3, 7], "resblock_dilation_sizes": [[1, 3, 5]] * 2,
    "upsample_initial_channel": 128,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class VitsRecipe:
    """Everything that the weights after a number of steps depend on, apart from the data.

    Attributes:
        volume, auto_f0: 4.1 only: a loudness input, a decoder that predicts the contour.
        batch: Takes a device works on at one time; accumulate: such batches a step.
        rate: Learning rate at the start; decay: its factor each time all takes were heard.
        clip: Largest norm of a step's gradient.
        average: Share of the running average that stays after a step.
    """

    family: str = families.USUAL.name
    size: Size = "full"
    volume: bool = False
    auto_f0: bool = True
    batch: int = 8
    accumulate: int = 1
    rate: float = 1e-4
    decay: float = 0.999875
    clip: float = 1000.0
    average: float = 0.999
    dropout: float = 0.1
    segment: int = SEGMENT_FRAMES
    seed: int = 1234

    @property
    def narrow(self) -> int:
        """What the discriminators' channels are divided by."""
        return _NARROW[self.size]

    def check(self) -> None:
        """Raise `ParamError` when something is out of range."""
        ranges.require_known("family", self.family, FAMILIES)
        ranges.require_known("size", self.size, SIZES)
        lowest = {"batch": 1, "accumulate": 1, "rate": 1e-9, "clip": 1e-6, "segment": 4, "seed": 0}
        ranges.require_least(self, lowest)
        ranges.require_shares(self, ("decay", "average", "dropout"))


def document(recipe: VitsRecipe, index: DatasetIndex) -> dict[str, Any]:
    """The config.json of a voice of this family, as its own programs write it.

    Raises:
        DatasetError: The family does not take the dataset's content, rate or hop.
    """
    _require_fit(recipe, index)
    kind = families.of(recipe.family)
    newer = kind.has_options
    width = family.ENCODERS[index.content_encoder]
    model = {
        **_COMMON,
        **(_BANDED if kind.decoder == _BANDED["type_"] else _UPSAMPLING),
        **(_SMALL if recipe.size == "small" else {}),
        "p_dropout": recipe.dropout,
        "n_layers_q": 3,
        "use_spectral_norm": False,
        "gin_channels": max(width, 256) if newer and recipe.size == "full" else 256,
        "ssl_dim": width,
        "n_speakers": len(index.singers) if newer else max(_SPEAKERS, len(index.singers)),
    }
    data = _data(index)
    if newer:
        model |= _newer(recipe, index)
        data["unit_interpolate_mode"] = "nearest"
    elif kind.layout is not None and kind.layout.typed:
        data["contentvec_final_proj"] = index.content_encoder == families.VEC256
    return {"train": _train(recipe, index), "data": data, "model": model, "spk": _rows(index)}


def _rows(index: DatasetIndex) -> dict[str, int]:
    return {name: row for row, name in enumerate(index.singers)}


def _newer(recipe: VitsRecipe, index: DatasetIndex) -> dict[str, Any]:
    """Keys of a model section that only 4.1 writes."""
    encoder = index.content_encoder
    return {
        "vocoder_name": "nsf-hifigan",
        "speech_encoder": family.BUILTIN if encoder == families.BUILTIN else encoder,
        "speaker_embedding": False,
        "vol_embedding": recipe.volume,
        "n_layers_trans_flow": 3,
        "n_flow_layer": 4,
        "use_depthwise_conv": False,
        "flow_share_parameter": False,
        "use_automatic_f0_prediction": recipe.auto_f0,
        "use_transformer_flow": False,
    }


def _data(index: DatasetIndex) -> dict[str, Any]:
    return {
        "training_files": "filelists/train.txt",
        "validation_files": "filelists/val.txt",
        "max_wav_value": 32768.0,
        "sampling_rate": index.sample_rate,
        "filter_length": index.fft,
        "hop_length": index.hop,
        "win_length": index.fft,
        "n_mel_channels": 80,
        "mel_fmin": 0.0,
        "mel_fmax": index.sample_rate // 2,
    }


def _train(recipe: VitsRecipe, index: DatasetIndex) -> dict[str, Any]:
    """What the families' own trainers would go on with."""
    return {
        "log_interval": 200,
        "eval_interval": 800,
        "seed": recipe.seed,
        "epochs": 10000,
        "learning_rate": recipe.rate,
        "betas": [0.8, 0.99],
        "eps": 1e-9,
        "batch_size": recipe.batch,
        "fp16_run": False,
        "bf16_run": False,
        "half_type": "fp16",
        "lr_decay": recipe.decay,
        "segment_size": recipe.segment * index.hop,
        "c_mel": 45,
        "c_kl": 1.0,
        "keep_ckpts": 3,
        "all_in_mem": False,
        "vol_aug": False,
    }


def _require_fit(recipe: VitsRecipe, index: DatasetIndex) -> None:
    allowed = families.of(recipe.family).content
    if index.content_encoder not in allowed:
        raise DatasetError(
            f"the dataset holds '{index.content_encoder}' content, family {recipe.family} takes"
            f" {' or '.join(allowed)}",
            hint="Prepare it again with that encoder, or choose another `family`.",
        )
    if index.hop != 512:
        raise DatasetError(
            f"the dataset's hop is {index.hop} samples, these families have 512",
            hint="Prepare it again.",
        )
    if (recipe.volume or not recipe.auto_f0) and not families.of(recipe.family).has_options:
        having = " or ".join(name for name in FAMILIES if families.of(name).has_options)
        raise ParamError(f"a loudness input and no contour decoder are {having}'s, not {recipe.family}'s")
