"""Open a generator: a `G_*.pth` and its `config.json` into a network that is known to fit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from svcfx.chain import weights
from svcfx.chain.checkpoint import family, pickled
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.vits import Generator
from svcfx.errors import VoiceError

TRAINING_ONLY = "enc_q."
"""The posterior encoder; singing never uses it, and compressed files leave it out."""


@dataclass(frozen=True)
class OpenedGenerator:
    """A network that fits its config, with what its voice card needs to say."""

    network: Generator
    family: str
    content_encoder: str
    singers: Mapping[str, int]


def open_generator(model: Path, config: Path) -> OpenedGenerator:
    """Read, compare, build. Raises `VoiceError`, one sentence and a hint, for whatever does not fit."""
    document = read_config(config)
    sizes = vits_config(config.name, document)
    content_encoder = family.encoder_of(model.name, document["model"], sizes)
    singers = _singers(config.name, document, sizes.speakers)
    network = build(model.name, document, model_tensors(model))
    named = family.named_by_config(sizes, newer=family.is_newer(document["model"]))
    return OpenedGenerator(network, named, content_encoder, singers)


def build(name: str, document: Mapping[str, Any], stored: Mapping[str, torch.Tensor]) -> Generator:
    """The network that a config describes, filled with the tensors of a checkpoint's "model".

    Args:
        name: The voice in messages, such as "mei.pth".
        document: The parsed config.json.
        stored: Tensors by upstream's keys, weight norm not yet folded.

    Raises:
        VoiceError: Something does not fit; the first three differences are named.
    """
    stored = _without_wrapper(stored)
    family.refuse_others(name, stored)
    config = vits_config(f"config of '{name}'", document)
    kept = {key: tensor for key, tensor in stored.items() if not key.startswith(TRAINING_ONLY)}
    with torch.device("meta"):
        network = Generator(config)
    asked = family.named_by_config(config, newer=family.is_newer(document["model"]))
    weights.fill(network, kept, f"voice '{name}'", hint=_hint(family.named_by_tensors(kept), asked))
    return network


def model_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors under "model" of a checkpoint file."""
    loaded = pickled.read(path)
    model = loaded.get("model")
    if not isinstance(model, Mapping):
        raise VoiceError(
            f"'{path.name}' has no 'model', a so-vits-svc checkpoint has one",
            hint="Its keys are " + ", ".join(sorted(map(str, loaded))[:8]) + ".",
        )
    wrong = [str(key) for key, value in model.items() if not isinstance(value, torch.Tensor)]
    if wrong:
        raise VoiceError(f"'{path.name}': {wrong[0]} under 'model' is no tensor")
    return {str(key): value for key, value in model.items()}


def read_config(path: Path) -> Mapping[str, Any]:
    """A config.json as it stands."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise VoiceError(f"'{path}' cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise VoiceError(f"'{path.name}' is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise VoiceError(f"'{path.name}' holds a {type(document).__name__}, a config is an object")
    return document


def _singers(name: str, document: Mapping[str, Any], rows: int) -> dict[str, int]:
    """Singer names and their rows; a row that the network does not have is refused."""
    named = document.get("spk")
    if not isinstance(named, Mapping) or not named:
        raise VoiceError(f"{name} names no singer under 'spk'", hint='Add one, such as "spk": {"mei": 0}.')
    for singer, row in named.items():
        if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < rows:
            raise VoiceError(f"{name}: singer '{singer}' is row {row!r}, the voice has 0 to {rows - 1}")
    return dict(named)


def _without_wrapper(stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Keys without the prefix that distributed training puts before all of them."""
    if stored and all(key.startswith("module.") for key in stored):
        return {key.removeprefix("module."): tensor for key, tensor in stored.items()}
    return dict(stored)


def _hint(looks: str, asked: str) -> str:
    if looks == asked:
        return f"Both look like {asked}, but the sizes differ: is this config of another voice?"
    return f"this looks like a {looks} voice; its config says {asked}."
