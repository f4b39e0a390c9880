"""The table of tensors in a torch file, under the key where its family keeps it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import pickled
from svcfx.errors import VoiceError

_WRAPPER = "module."
"""The prefix that distributed training puts before all keys."""

_NORMS = (
    (".parametrizations.weight.original0", ".weight_g"),
    (".parametrizations.weight.original1", ".weight_v"),
)
"""Lengths and directions as newer and as older versions of torch call them."""


def under(path: Path, key: str, what: str) -> dict[str, torch.Tensor]:
    """Tensors under `key` of a file.

    Args:
        what: What such a file is, in messages: "a so-vits-svc checkpoint".

    Raises:
        VoiceError: The file cannot be read, has no such key, or holds something else there.
    """
    loaded = pickled.read(path)
    if not isinstance(loaded.get(key), Mapping):
        raise VoiceError(
            f"'{path.name}' has no '{key}', {what} has one",
            hint="Its keys are " + ", ".join(sorted(map(str, loaded))[:8]) + ".",
        )
    return plain(path.name, loaded[key], f"under '{key}'")


def plain(name: str, table: Mapping[Any, Any], where: str) -> dict[str, torch.Tensor]:
    """The table by name when it holds tensors alone, without the prefix of distributed training.

    Lengths and directions of weight norm have the names that they had before torch 2.
    """
    wrong = [str(key) for key, value in table.items() if not isinstance(value, torch.Tensor)]
    if wrong:
        raise VoiceError(f"'{name}': {wrong[0]} {where} is no tensor")
    named = {_older(str(key)): value for key, value in table.items()}
    if named and all(key.startswith(_WRAPPER) for key in named):
        return {key.removeprefix(_WRAPPER): tensor for key, tensor in named.items()}
    return named


def _older(key: str) -> str:
    for new, old in _NORMS:
        if key.endswith(new):
            return key.removesuffix(new) + old
    return key
