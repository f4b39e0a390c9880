"""What is near an RVC voice and is played by other programs alone, refused by name."""

from collections.abc import Mapping
from typing import Any

import torch

from svcfx.chain.checkpoint.rvc.renaming import CONTENT
from svcfx.chain.families import OTHER_ENCODERS
from svcfx.errors import VoiceError, nearest

PLAIN_DECODER = "HiFi-GAN"
DECODERS = {
    "MRF HiFi-GAN": ("dec.upsamples.", "dec.mrfs."),
    "RefineGAN": ("dec.mel_conv.", "dec.pre_conv.", "dec.upsample_conv_blocks."),
}
"""Applio's other decoders, and first parts of their keys."""
CONTENTVEC = ("contentvec", "hubert", "hubert_base", "hubert-base", "contentvec_base")
"""Names under which files mean ContentVec."""


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
