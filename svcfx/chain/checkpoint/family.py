"""Which so-vits-svc a voice is: what its config says, and what its tensors look like."""

from collections.abc import Mapping
from typing import Any

import torch

from svcfx.chain import families
from svcfx.chain.content import builtin
from svcfx.chain.families import FORK, QUICKVC, SOVITS40, SOVITS41, VEC256, VEC768
from svcfx.chain.nets.weights import folded_shapes
from svcfx.chain.vits.config import DecoderName, VitsConfig
from svcfx.errors import VoiceError

ENCODERS = {VEC256: 256, VEC768: 768, builtin.KIND: builtin.WIDTH}
"""Content encoders that svcfx has, and their widths."""
WIDTHS = ENCODERS | dict.fromkeys(families.OTHER_ENCODERS, 768)
"""The same, and those that a person may bring."""
BUILTIN = "svcfx-builtin"
"""What configs call the builtin one, so that no other program takes it for its own."""
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
PLAYED = "svcfx plays so-vits-svc 4.0, 4.1, the fork and RVC."
V2 = "a so-vits-svc 4.0-v2 voice, which svcfx does not play"
OTHERS = (
    ("text_encoder.", V2),
    ("mel_decoder.", V2),
    ("dec_harm.", V2),
    ("discriminators.", "a discriminator (D_*.pth), which only training needs"),
    ("denoise_fn.", "a diffusion model"),
    ("decoder.denoise_fn.", "a diffusion model"),
    ("unit2ctrl.", "a DDSP-SVC model, which svcfx does not play"),
    ("enc_p.emb_phone.", "an RVC voice"),
    ("enc_p.text_embedding.", "a GPT-SoVITS voice, which svcfx does not play"),
    ("enc_p.emb.", "a text-to-speech voice (VITS), which svcfx does not play"),
    ("feature_extractor.", "a content encoder, not a voice"),
    ("m_source.", "an NSF-HiFiGAN vocoder, not a voice"),
)
"""First parts of keys, and what has them."""
OTHER_CONFIGS = (
    ("model", "spk_embed_dim", "an RVC voice"),
    ("model", "semantic_frame_rate", "a GPT-SoVITS voice"),
    ("data", "text_cleaners", "a text-to-speech voice (VITS)"),
    ("", "upsample_rates", "a vocoder"),
    ("", "conv_dim", "a content encoder"),
)
"""Section, a key in it that so-vits-svc never writes, and whose config has it."""


def is_newer(model: Mapping[str, Any]) -> bool:
    """Whether a config's model section is of 4.1, not of 4.0 or the fork."""
    return any(key in model for key in NEWER_KEYS)


def named_by_config(config: VitsConfig, *, newer: bool) -> str:
    """The family in words, such as "so-vits-svc 4.1"."""
    if newer:
        return SOVITS41.title
    return _older(config.content, config.decoder)


def _older(content: int, decoder: DecoderName) -> str:
    if decoder == QUICKVC.decoder:
        return QUICKVC.title
    if decoder != SOVITS40.decoder:
        return f"{FORK.title} {decoder}"
    return SOVITS40.title if content == ENCODERS[VEC256] else f"{FORK.title} 4.0v1"


def named_by_tensors(stored: Mapping[str, torch.Tensor]) -> str:
    """The family that the tensors look like, whatever their config says."""
    found = folded_shapes(stored)
    decoder = decoder_of(stored)
    if decoder in ("istft", "ms-istft", "mb-istft"):
        return _older(0, decoder)
    wide = (found.get("emb_g.weight") or (0, 256))[-1] != 256
    optioned = any(key.startswith(("emb_vol.", "flow.wn.", "dec.snakes.")) for key in found)
    if wide or optioned or not any(key.startswith("f0_decoder.") for key in found):
        return SOVITS41.title
    return _older((found.get("pre.weight") or (0, 0))[1], SOVITS40.decoder)


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


def refuse_other_configs(name: str, document: Mapping[str, Any]) -> None:
    """Raise `VoiceError` when a config.json is plainly of another program."""
    parts = {key: document.get(key) for key in ("model", "data")}
    sections = {key: value if isinstance(value, Mapping) else {} for key, value in parts.items()}
    for part, key, what in OTHER_CONFIGS:
        if key in (sections[part] if part else document):
            raise VoiceError(f"{name} is the config of {what}, which svcfx does not play", hint=PLAYED)


def what_is(stored: Mapping[str, torch.Tensor]) -> str:
    """What tensors are of, in words, as far as their names say."""
    for prefix, what in OTHERS:
        if any(key.startswith(prefix) for key in stored):
            return what
    if is_generator(stored):
        return f"a {named_by_tensors(stored)} voice"
    return "of no family that svcfx knows"


def is_generator(stored: Mapping[str, torch.Tensor]) -> bool:
    """Whether tensors have the two parts that every generator of these families has."""
    return "pre.weight" in stored and any(key.startswith("enc_p.") for key in stored)


def refuse_others(name: str, stored: Mapping[str, torch.Tensor]) -> None:
    """Raise `VoiceError` when the tensors are of something that is no generator of these families."""
    other = any(key.startswith(prefix) for key in stored for prefix, _ in OTHERS)
    if other or not is_generator(stored):
        raise VoiceError(f"voice '{name}' is {what_is(stored)}", hint=PLAYED)


def known_encoder(name: str, key: str, asked: object) -> str:
    """The content encoder that a config means; one that svcfx does not have is refused by name."""
    if asked == BUILTIN:
        return builtin.KIND
    if isinstance(asked, str) and asked in ENCODERS:
        return asked
    what = UPSTREAM_ENCODERS.get(str(asked), "an encoder svcfx does not know")
    raise VoiceError(
        f"{name} needs {key} '{asked}' ({what}), which svcfx does not have; it has {', '.join(ENCODERS)}",
        hint="Only a voice trained with one of these can be played.",
    )


def encoder_of(name: str, model: Mapping[str, Any], config: VitsConfig) -> str:
    """The content encoder a voice was trained with, one of `ENCODERS`.

    4.1 names it. For the others the width decides, because configs of 4.0 do not say and the fork's key is
    right only when it is there.
    """
    asked = model.get("speech_encoder")
    if asked is None:
        found = [encoder for encoder, width in ENCODERS.items() if width == config.content]
        if found:
            return found[0]
        raise VoiceError(f"voice '{name}' takes content of width {config.content}, allowed are 256 and 768")
    known = known_encoder(f"voice '{name}'", "speech_encoder", asked)
    if ENCODERS[known] != config.content:
        raise VoiceError(
            f"voice '{name}': speech_encoder '{asked}' gives width {ENCODERS[known]},"
            f" ssl_dim says {config.content}"
        )
    return known
