"""Open an RVC voice: a small model (`weight`, `config`) or a training state (`G_*.pth`).

What is near one and is played by other programs alone is refused by name.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import pickled, tensors
from svcfx.chain.checkpoint.documents import read_json
from svcfx.chain.checkpoint.rvc import listed, measuring, renaming
from svcfx.chain.checkpoint.rvc import listed as who
from svcfx.chain.checkpoint.rvc.listed import Listed
from svcfx.chain.checkpoint.rvc.renaming import CONTENT
from svcfx.chain.families import OTHER_ENCODERS, RVC
from svcfx.chain.nets import weights
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.errors import VoiceError, nearest

UNIT_MODE = "double"
VERSION_1 = 256
"""Width of the content that voices of v1 read."""
_TRAINING_ONLY = "enc_q."
_TABLES = ("weight", "model")
_SAID = (
    "info", "version", "sr", "epoch", "step", "creation_date", "model_name", "author", "dataset_length",
    "embedder_model", "vocoder", "model_hash",
)  # fmt: skip
"""What a file says of itself and a card may repeat."""
_LONGEST_SAID = 200
PLAIN_DECODER = "HiFi-GAN"
DECODERS = {
    "MRF HiFi-GAN": ("dec.upsamples.", "dec.mrfs."),
    "RefineGAN": ("dec.mel_conv.", "dec.pre_conv.", "dec.upsample_conv_blocks."),
}
"""Applio's other decoders, and first parts of their keys."""
CONTENTVEC = ("contentvec", "hubert", "hubert_base", "hubert-base", "contentvec_base")
"""Names under which files mean ContentVec."""


def open_rvc(model: Path, config: Path | None = None) -> OpenedGenerator:
    """Read, compare, build.

    Args:
        config: The config.json of a training; a small model has its own inside.

    Raises:
        VoiceError: One sentence and a hint, for whatever does not fit.
    """
    loaded = pickled.read(model)
    stored = tensors_in(model.name, loaded)
    said = {str(key): value for key, value in loaded.items() if str(key) not in _TABLES}
    refuse_decoder(model.name, stored, said)
    claims = listed.of_list(model.name, said.get("config"), said.get("sr"))
    if said.get("config") is None and config is not None:
        claims = listed.of_document(read_json(config))
    network, differences = build(model.name, stored, claims)
    sizes = network.config
    notes = [f"its config was not believed: {'; '.join(differences)}"] if differences else []
    return OpenedGenerator(
        network=network,
        family=_titled(sizes),
        content_encoder=encoder_of(model.name, sizes.content, said),
        unit_mode=UNIT_MODE,
        singers=who.singers(model, said, sizes.speakers),
        said=_told(said),
        notes=tuple(notes),
    )


def glance(model: Path) -> tuple[str, int] | None:
    """What an RVC voice is called and how wide its content is; None of a file that is none.

    Raises:
        VoiceError: It cannot be read.
    """
    if not pickled.mentions(model, f"{renaming.CONTENT}weight"):
        return None
    loaded = pickled.read(model)
    table = next((loaded[key] for key in _TABLES if isinstance(loaded.get(key), Mapping)), loaded)
    content = table.get(f"{renaming.CONTENT}weight") if is_rvc(table) else None
    if not isinstance(content, torch.Tensor) or content.dim() != 2:
        return None
    return who.called(model, loaded), int(content.shape[1])


def build(
    name: str, stored: Mapping[str, torch.Tensor], claims: Listed | None = None
) -> tuple[Generator, list[str]]:
    """The network that tensors by RVC's keys are of, filled, and where the claims differ from them.

    Raises:
        VoiceError: Something is missing, misshapen, not finite, or the rate cannot be told.
    """
    kept = {key: tensor for key, tensor in stored.items() if not key.startswith(_TRAINING_ONLY)}
    config, differences = measuring.measured(name, weights.folded_shapes(kept), claims or Listed())
    with torch.device("meta"):
        network = Generator(config)
    hint = "It is damaged, or a variant of RVC that svcfx does not know; ask its maker for another file."
    weights.fill(network, renaming.inward(kept), f"voice '{name}'", hint=hint)
    return network, differences


def tensors_in(name: str, loaded: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """Tensors of a loaded file: under `weight`, under `model`, or bare.

    Raises:
        VoiceError: There are none, or not all of them are tensors.
    """
    for key in _TABLES:
        if isinstance(loaded.get(key), Mapping):
            return tensors.plain(name, loaded[key], f"under '{key}'")
    if is_rvc(loaded):
        return tensors.plain(name, loaded, "in it")
    raise VoiceError(
        f"'{name}' has neither 'weight' nor 'model', an RVC voice has one",
        hint="Its keys are " + ", ".join(sorted(map(str, loaded))[:8]) + ".",
    )


def _titled(sizes: VitsConfig) -> str:
    """The family in words, such as "RVC v2"."""
    version = "v1" if sizes.content == VERSION_1 else "v2"
    return f"{RVC.title} {version}{'' if sizes.pitch else ' without pitch'}"


def _told(said: Mapping[str, Any]) -> dict[str, str]:
    """What the file says of itself, as text of a length that fits a card."""
    plain = {key: said[key] for key in _SAID if isinstance(said.get(key), (str, int, float))}
    return {
        key: " ".join(str(value).split())[:_LONGEST_SAID]
        for key, value in plain.items()
        if str(value).strip()
    }


def refuse_decoder(name: str, stored: Mapping[str, torch.Tensor], said: Mapping[str, Any]) -> None:
    """Raise `VoiceError` when a voice has another decoder than RVC's own."""
    by_tensors = [
        what
        for what, marks in DECODERS.items()
        if any(key.startswith(mark) for key in stored for mark in marks)
    ]
    claim = said.get("vocoder")
    named = by_tensors or ([str(claim)] if claim in DECODERS and "dec.ups.0.bias" not in stored else [])
    if named:
        raise VoiceError(
            f"voice '{name}' has the decoder {named[0]}, which Applio alone plays;"
            f" svcfx plays {PLAIN_DECODER}",
            hint="Ask its maker for a voice trained with HiFi-GAN, which every program plays.",
        )


def encoder_of(name: str, width: int, said: Mapping[str, Any]) -> str:
    """The content encoder that a voice was trained behind: "vec256l9", "vec768l12", or one of Applio's.

    Raises:
        VoiceError: Its width is neither 256 nor 768, or it names an encoder that nobody has.
    """
    kinds = {256: "vec256l9", 768: "vec768l12"}
    if width not in kinds:
        raise VoiceError(f"voice '{name}' takes content of width {width}, allowed are 256 (v1) and 768 (v2)")
    asked = str(said.get("embedder_model") or CONTENTVEC[0])
    if asked in CONTENTVEC:
        return kinds[width]
    if asked not in OTHER_ENCODERS:
        path = "/" in asked or "\\" in asked
        near = "" if path else nearest(asked, [*CONTENTVEC, *OTHER_ENCODERS])
        raise VoiceError(
            f"voice '{name}' was trained behind the content encoder '{asked}'{near}, which svcfx"
            " does not know",
            hint=f"Known are contentvec, {', '.join(OTHER_ENCODERS)}; behind another one it would babble.",
        )
    if width != 768:
        raise VoiceError(f"voice '{name}' takes content of width {width}, '{asked}' gives 768")
    return asked


def is_rvc(stored: Mapping[str, Any]) -> bool:
    """Whether tensors are those of an RVC generator, of whatever decoder."""
    return f"{CONTENT}weight" in stored
