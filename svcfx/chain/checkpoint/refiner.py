"""Open a diffusion model: a `model_*.pt` and its diffusion.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import family
from svcfx.chain.checkpoint.documents import read_yaml
from svcfx.chain.checkpoint.singers import singers
from svcfx.chain.checkpoint.sizes import LARGEST, MOST_SPEAKERS, ConfigSection, section
from svcfx.chain.checkpoint.tensors import under
from svcfx.chain.content.units import UNIT_MODES
from svcfx.chain.diffusion import METHODS, Method, Sizes, build
from svcfx.chain.diffusion.refiner import Refiner, VocoderBehind
from svcfx.errors import VoiceError

VOCODERS = ("nsf-hifigan", "nsf-hifigan-log10")
_BINS_KEY = "decoder.denoise_fn.output_projection.bias"
_USUAL_BINS = 128


def open_refiner(weights: Path, yaml: Path) -> Refiner:
    """Read, compare, build. Raises `VoiceError`, one sentence and a hint, for whatever does not fit."""
    document = read_yaml(yaml)
    encoder, width = _encoder(yaml.name, document)
    stored = under(weights, "model", "a so-vits-svc diffusion model")
    _require_diffusion(weights.name, stored)
    sizes = _sizes(yaml.name, document, width, _bins(stored))
    network = build(sizes, stored, f"diffusion model '{weights.name}'")
    data, model = section(yaml.name, document, "data"), section(yaml.name, document, "model")
    infer = section(yaml.name, document, "infer", required=False)
    vocoder = section(yaml.name, document, "vocoder", required=False)
    return Refiner(
        network=network,
        sample_rate=data.whole("sampling_rate", high=192_000),
        hop=data.whole("block_size"),
        encoder=encoder,
        unit_mode=data.choice("unit_interpolate_mode", UNIT_MODES, "left"),
        timesteps=sizes.timesteps,
        k_step_max=_deepest(model, sizes.timesteps),
        method=_method(infer),
        speedup=infer.whole("speedup", 10, low=0) or 1,
        singers=_singers(yaml.name, document, sizes.speakers),
        vocoder=VocoderBehind(
            kind=vocoder.choice("type", VOCODERS, "nsf-hifigan"),
            bins=sizes.bins,
            checkpoint=str(vocoder.values.get("ckpt") or ""),
        ),
    )


def _encoder(name: str, document: Mapping[str, Any]) -> tuple[str, int]:
    """Content encoder and its width; any but the two that svcfx has is refused by name."""
    data = section(name, document, "data")
    asked = data.values.get("encoder")
    encoder = family.known_encoder(f"{name}: data", "encoder", asked)
    width = data.whole("encoder_out_channels", family.ENCODERS[encoder])
    if width != family.ENCODERS[encoder]:
        raise VoiceError(
            f"{name}: encoder '{encoder}' gives width {family.ENCODERS[encoder]},"
            f" encoder_out_channels says {width}"
        )
    return encoder, width


def _sizes(name: str, document: Mapping[str, Any], width: int, bins: int) -> Sizes:
    model = section(name, document, "model")
    kind = model.values.get("type") or "Diffusion"
    if kind != "Diffusion":
        raise VoiceError(f"{name}: model: type is {kind!r}, svcfx plays 'Diffusion' only")
    channels = model.whole("n_chans", 512)
    if channels % 2:
        raise VoiceError(f"{name}: model: n_chans is {channels}, which is odd")
    return Sizes(
        units=width,
        layers=model.whole("n_layers", 20, 200),
        channels=channels,
        hidden=model.whole("n_hidden", 256),
        bins=bins,
        speakers=model.whole("n_spk", 1, MOST_SPEAKERS, low=0) or 1,
        pitch_shift=model.flag("use_pitch_aug", False),
        timesteps=model.whole("timesteps", 1000, 100_000),
    )


def _deepest(model: ConfigSection, timesteps: int) -> int:
    """Levels that were trained; 0, nothing, or more than there are means all."""
    wanted = model.whole("k_step_max", 0, 1_000_000, low=0)
    return wanted if 0 < wanted < timesteps else timesteps


def _method(infer: ConfigSection) -> Method:
    """The sampler of the `infer` section: every level in turn when it names none or no speed-up."""
    if not infer.values.get("method") or infer.whole("speedup", 10, low=0) <= 1:
        return "naive"
    return infer.choice("method", METHODS, "naive")


def _singers(name: str, document: Mapping[str, Any], speakers: int) -> dict[str, int]:
    """Empty when the yaml names none; a model of one singer looks at no row, so any may stand there."""
    if not document.get("spk"):
        return {}
    return singers(name, document, speakers if speakers > 1 else MOST_SPEAKERS)


def _bins(stored: Mapping[str, torch.Tensor]) -> int:
    last = stored.get(_BINS_KEY)
    known = last is not None and last.dim() == 1 and 1 <= last.shape[0] <= LARGEST
    return int(stored[_BINS_KEY].shape[0]) if known else _USUAL_BINS


def _require_diffusion(name: str, stored: Mapping[str, torch.Tensor]) -> None:
    if not any(key.startswith("decoder.denoise_fn.") for key in stored):
        raise VoiceError(
            f"'{name}' is no diffusion model of so-vits-svc: {family.what_is(stored)}",
            hint="Name the model_*.pt that training left in logs/44k/diffusion.",
        )
