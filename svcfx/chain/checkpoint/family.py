"""Which so-vits-svc a voice is: what its config says, and what its tensors look like."""

from collections.abc import Mapping
from typing import Any

import torch

from svcfx.chain.vits.config import DecoderName, VitsConfig
from svcfx.chain.weights import folded_shapes
from svcfx.errors import VoiceError

ENCODERS = {"vec256l9": 256, "vec768l12": 768}
"""Content encoders that svcfx has, and their widths."""
UPSTREAM_ENCODERS = {
    "hubertsoft": "the soft HuBERT units",
    "whisper-ppg": "Whisper medium",
    "whisper-ppg-large": "Whisper large-v2",
    "cnhubertlarge": "the Chinese HuBERT large",
    "dphubert": "DPHuBERT",
    "wavlmbase+": "WavLM Base+",
}
NEWER_KEYS = ("speech_encoder", "vocoder_name", "vol_embedding", "use_automatic_f0_prediction")
"""Keys of a model section that only 4.1 writes."""
FORK_DECODERS: Mapping[str, DecoderName] = {
    "hifi-gan": "nsf-hifigan",
    "istft": "istft",
    "ms-istft": "ms-istft",
    "mb-istft": "mb-istft",
}
PLAYED = "svcfx plays so-vits-svc 4.0, 4.1 and the fork."
OTHERS = (
    ("text_encoder.", "a so-vits-svc 4.0-v2 voice, which svcfx does not play"),
    ("mel_decoder.", "a so-vits-svc 4.0-v2 voice, which svcfx does not play"),
    ("discriminators.", "a discriminator (D_*.pth), which only training needs"),
    ("denoise_fn.", "a diffusion model"),
    ("decoder.denoise_fn.", "a diffusion model"),
)


def is_newer(model: Mapping[str, Any]) -> bool:
    """Whether a config's model section is of 4.1, not of 4.0 or the fork."""
    return any(key in model for key in NEWER_KEYS)


def named_by_config(config: VitsConfig, *, newer: bool) -> str:
    """The family in words, such as "so-vits-svc 4.1"."""
    if newer:
        return "so-vits-svc 4.1"
    if config.decoder == "nsf-hifigan":
        return "so-vits-svc 4.0" if config.content == ENCODERS["vec256l9"] else "so-vits-svc-fork 4.0v1"
    return f"so-vits-svc-fork {'QuickVC' if config.decoder == 'ms-istft' else config.decoder}"


def named_by_tensors(stored: Mapping[str, torch.Tensor]) -> str:
    """The family that the tensors look like, whatever their config says."""
    found = folded_shapes(stored)
    decoder = decoder_of(stored)
    if decoder in ("istft", "ms-istft", "mb-istft"):
        return f"so-vits-svc-fork {'QuickVC' if decoder == 'ms-istft' else decoder}"
    wide = found.get("emb_g.weight", (0, 256))[-1] != 256
    optioned = any(key.startswith(("emb_vol.", "flow.wn.", "dec.snakes.")) for key in found)
    if wide or optioned or not any(key.startswith("f0_decoder.") for key in found):
        return "so-vits-svc 4.1"
    content = found.get("pre.weight", (0, 0))[1:2]
    return "so-vits-svc 4.0" if content == (ENCODERS["vec256l9"],) else "so-vits-svc-fork 4.0v1"


def decoder_of(stored: Mapping[str, torch.Tensor]) -> DecoderName | None:
    """The decoder that the tensors belong to; None when they are of none that is known."""
    marks: tuple[tuple[str, DecoderName], ...] = (
        ("dec.snake_post.", "nsf-snake-hifigan"),
        ("dec.m_source.", "nsf-hifigan"),
        ("dec.multistream_conv_post.", "ms-istft"),
        ("dec.subband_conv_post.", "mb-istft"),
        ("dec.conv_post.", "istft"),
    )
    for mark, decoder in marks:
        if any(key.startswith(mark) for key in stored):
            return decoder
    return None


def refuse_others(name: str, stored: Mapping[str, torch.Tensor]) -> None:
    """Raise `VoiceError` when the tensors are of something that is no generator of these families."""
    for prefix, what in OTHERS:
        if any(key.startswith(prefix) for key in stored):
            raise VoiceError(
                f"voice '{name}' is {what}", hint="svcfx plays so-vits-svc 4.0, 4.1 and the fork."
            )
    if "pre.weight" not in stored or not any(key.startswith("enc_p.") for key in stored):
        raise VoiceError(
            f"voice '{name}' is of no family that svcfx knows: it has no pre.weight or no enc_p",
            hint=PLAYED,
        )


def encoder_of(name: str, model: Mapping[str, Any], config: VitsConfig) -> str:
    """The content encoder a voice was trained with, "vec256l9" or "vec768l12".

    4.1 names it. For the others the width decides, because configs of 4.0 do not say and the fork's key is
    right only when it is there.
    """
    asked = model.get("speech_encoder")
    if asked is None:
        found = [encoder for encoder, width in ENCODERS.items() if width == config.content]
        if found:
            return found[0]
        raise VoiceError(f"voice '{name}' takes content of width {config.content}, allowed are 256 and 768")
    if asked not in ENCODERS:
        what = UPSTREAM_ENCODERS.get(str(asked), "an encoder svcfx does not know")
        raise VoiceError(
            f"voice '{name}' needs speech_encoder '{asked}' ({what}), which svcfx does not have;"
            f" it has {', '.join(ENCODERS)}",
            hint="Only a voice trained with one of these can be played.",
        )
    if ENCODERS[asked] != config.content:
        raise VoiceError(
            f"voice '{name}': speech_encoder '{asked}' gives width {ENCODERS[asked]},"
            f" ssl_dim says {config.content}"
        )
    return str(asked)
