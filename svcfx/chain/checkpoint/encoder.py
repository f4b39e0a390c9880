"""Open a ContentVec: a Hugging Face folder, or the fairseq file that so-vits-svc users have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import family, pickled, stored
from svcfx.chain.checkpoint.documents import read_json
from svcfx.chain.checkpoint.sizes import ConfigSection
from svcfx.chain.checkpoint.tensors import plain
from svcfx.chain.content import contentvec
from svcfx.chain.content.contentvec import Encoder
from svcfx.errors import VoiceError

BASE: Mapping[str, Any] = {
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "conv_dim": [512] * 7,
    "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2],
    "conv_bias": False,
    "num_conv_pos_embeddings": 128,
    "num_conv_pos_embedding_groups": 16,
}
"""HuBERT base: what a config that leaves a value out means, and what every ContentVec of fairseq is."""
_FIXED = {
    "hidden_act": "gelu",
    "feat_extract_activation": "gelu",
    "feat_extract_norm": "group",
    "do_stable_layer_norm": False,
    "layer_norm_eps": 1e-5,
    "conv_pos_batch_norm": False,
}
"""Options that the network is built with; another value would be another network."""
_WRAPPER = "hubert."
"""What a Hugging Face model with a head puts before the encoder's keys."""
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_LAYOUT = (
    "Use the Hugging Face layout, config.json beside model.safetensors or pytorch_model.bin:"
    " lengyue233/content-vec-best is one."
)


def open_encoder(path: Path, wanted: str) -> Encoder:
    """Read, compare, build; only the layers that `wanted` reads are kept.

    Args:
        path: A Hugging Face folder or the weights in it, or fairseq's checkpoint_best_legacy_500.pt.
        wanted: "vec768l12" or "vec256l9".

    Raises:
        VoiceError: One sentence and a hint, for whatever does not fit.
    """
    path = path.parent if path.name in _WEIGHTS else path
    family.known_encoder("voice", "content encoder", wanted)
    document, tensors = _hugging_face(path) if path.is_dir() else _fairseq(path)
    own = {key.removeprefix(_WRAPPER): tensor for key, tensor in tensors.items()}
    if not any(key.startswith("feature_extractor.") for key in own):
        raise VoiceError(f"'{path.name}' is {family.what_is(own)}, not a content encoder", hint=_LAYOUT)
    name = f"content encoder '{path.name}'"
    network = contentvec.build(document, own, projected=wanted == "vec256l9", name=name)
    return Encoder(wanted, document, network)


def sizes(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a HuBERT config that size the network, each checked.

    Raises:
        VoiceError: A value is out of range, or an option asks for another network.
    """
    for key, only in _FIXED.items():
        if document.get(key, only) != only:
            raise VoiceError(f"{name}: {key} is {document[key]!r}, a ContentVec has {only!r}")
    given = ConfigSection(name, document)
    found: dict[str, Any] = {"conv_bias": given.flag("conv_bias", False)}
    for key in ("conv_dim", "conv_kernel", "conv_stride"):
        found[key] = list(given.wholes(key, tuple(BASE[key])))
    if len({len(found[key]) for key in ("conv_dim", "conv_kernel", "conv_stride")}) > 1:
        raise VoiceError(f"{name}: conv_dim, conv_kernel and conv_stride differ in length")
    for key in BASE:
        if key not in found:
            found[key] = given.whole(key, BASE[key])
    for part in ("num_attention_heads", "num_conv_pos_embedding_groups"):
        if found["hidden_size"] % found[part]:
            raise VoiceError(f"{name}: {part} does not divide hidden_size")
    return found


def _hugging_face(folder: Path) -> tuple[Mapping[str, Any], dict[str, torch.Tensor]]:
    document = sizes(f"{folder.name}/config.json", read_json(folder / "config.json"))
    for name in _WEIGHTS:
        if (folder / name).is_file():
            break
    else:
        raise VoiceError(f"'{folder}' holds no weights: neither {' nor '.join(_WEIGHTS)}", hint=_LAYOUT)
    path = folder / name
    found = stored.foreign(path)[1] if path.suffix == ".safetensors" else pickled.read(path)
    return document, plain(path.name, found, "among the weights")


def _fairseq(path: Path) -> tuple[Mapping[str, Any], dict[str, torch.Tensor]]:
    try:
        loaded = pickled.read(path)
    except VoiceError as error:
        if any(library in error.message for library in ("fairseq", "omegaconf", "hydra")):
            raise VoiceError(
                f"'{path.name}' can be read by fairseq alone: {error.message}", hint=_LAYOUT
            ) from error
        raise
    model = loaded.get("model")
    if not isinstance(model, Mapping):
        raise VoiceError(f"'{path.name}' has no 'model', a fairseq checkpoint has one", hint=_LAYOUT)
    return BASE, plain(path.name, model, "under 'model'")
