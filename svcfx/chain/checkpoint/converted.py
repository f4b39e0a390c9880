"""A generator as svcfx keeps it: one safetensors file, weight norm folded, its sizes in the header.

It is written once, when a voice is added, opens without a pickle, and holds nothing that only training needs.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from svcfx.chain import weights
from svcfx.chain.checkpoint.generator import OpenedGenerator
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.errors import VoiceError

FORMAT = "svcfx-vits-1"
AGAIN = "Add the voice again."


def save(opened: OpenedGenerator, path: Path) -> None:
    """Write a generator; the same one gives the same bytes. Tensors are float32."""
    stored = {key: tensor.float().clone() for key, tensor in sorted(opened.network.state_dict().items())}
    header = {
        "format": FORMAT,
        "config": dataclasses.asdict(opened.network.config),
        "family": opened.family,
        "content_encoder": opened.content_encoder,
        "singers": dict(opened.singers),
    }
    save_file(stored, str(path), {"svcfx": json.dumps(header, sort_keys=True)})
    path.chmod(0o644)  # the library writes files that only their owner may read


def load(path: Path) -> OpenedGenerator:
    """Read what `save` wrote; raises `VoiceError` when it is damaged, of another kind, or does not fit."""
    try:
        with safe_open(str(path), framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("svcfx", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise VoiceError(
            f"voice '{path.name}' cannot be read: {error}", hint="Add the voice again."
        ) from error
    if header.get("format") != FORMAT:
        raise VoiceError(f"voice '{path.name}' is '{header.get('format', 'unknown')}', not {FORMAT}")
    with torch.device("meta"):
        network = Generator(_config(path.name, header["config"]))
    weights.fill(network, tensors, f"voice '{path.name}'", hint=AGAIN)
    return OpenedGenerator(network, header["family"], header["content_encoder"], header["singers"])


def _config(name: str, fields: Mapping[str, Any]) -> VitsConfig:
    known = {field.name for field in dataclasses.fields(VitsConfig)}
    if set(fields) != known:
        odd = ", ".join(sorted(set(fields) ^ known))
        raise VoiceError(f"voice '{name}' was written by another version: {odd}", hint=AGAIN)
    return VitsConfig(**{key: _frozen(value) for key, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
