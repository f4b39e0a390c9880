"""Fill a network with the tensors of a file: every key and shape compared first, weight norm folded.

A weight may be stored as length g and direction v; it is g v / |v|, the norm over all axes on which g has one
entry. So the rule holds for plain and transposed convolutions, and for a norm per tap.

Source: Salimans & Kingma, "Weight normalization", 2016.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from svcfx.chain.nets.conv import settle
from svcfx.errors import VoiceError

Tensors = Mapping[str, torch.Tensor]
Shapes = Mapping[str, tuple[int, ...]]
BESIDE = "The config must be the one that was written beside this file."
_LENGTH, _DIRECTION, _WHOLE = ".weight_g", ".weight_v", ".weight"
_NAMED = 3
"""Differences that are spelt out."""


def fill(network: nn.Module, stored: Tensors, name: str, *, hint: str = BESIDE) -> None:
    """Give a network of shapes without memory its weights; afterwards it only evaluates.

    Args:
        network: Built on the meta device. It keeps its own types, and shares tensors that have them.
        stored: By the network's keys, with or without weight norm, of any float type.
        name: What is filled, in messages, such as "voice 'mei.pth'".
        hint: How to mend tensors that do not fit.

    Raises:
        VoiceError: Something is missing, unknown, of another shape or not finite; the first three are named.
    """
    wanted = network.state_dict()
    check(name, folded_shapes(stored), {key: tuple(tensor.shape) for key, tensor in wanted.items()}, hint)
    _check_finite(name, stored)
    own = {key: tensor.to(wanted[key].dtype).contiguous() for key, tensor in folded(stored).items()}
    network.load_state_dict(own, strict=True, assign=True)
    network.eval().requires_grad_(False)
    settle(network)


def check(name: str, found: Shapes, wanted: Shapes, hint: str) -> None:
    """Raise `VoiceError` naming the first three tensors that are misshapen, absent or unknown, or return."""
    misshapen = [
        f"{key} is {found[key]}, config says {shape}"
        for key, shape in wanted.items()
        if key in found and found[key] != shape
    ]
    absent = [f"{key} {shape} is missing" for key, shape in wanted.items() if key not in found]
    unknown = [f"{key} {shape} is not part of it" for key, shape in found.items() if key not in wanted]
    wrong = misshapen + absent + unknown
    if wrong:
        raise VoiceError(
            f"{name}: {len(wrong)} of {len(wanted)} tensors do not fit ({'; '.join(wrong[:_NAMED])})",
            hint=hint,
        )


def _check_finite(name: str, tensors: Tensors) -> None:
    broken = [key for key, tensor in tensors.items() if not _is_finite(tensor)]
    if broken:
        raise VoiceError(
            f"{name}: {len(broken)} of {len(tensors)} tensors hold NaN or infinite numbers"
            f" ({', '.join(broken[:_NAMED])})",
            hint="Its training broke down, or the file was damaged; take an earlier step of the same.",
        )


def _is_finite(tensor: torch.Tensor) -> bool:
    """As `torch.isfinite`, which takes ten times as long, and as long again where cores are busy."""
    known = tensor.float() if tensor.dtype == torch.bfloat16 else tensor  # a number that numpy knows
    return bool(np.isfinite(known.detach().numpy(force=True)).all())


def folded_shapes(stored: Tensors) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor after folding, nothing computed."""
    return {_folded_key(stored, key): tuple(stored[key].shape) for key in _kept(stored)}


def folded(stored: Tensors) -> dict[str, torch.Tensor]:
    """Every tensor with pairs folded in float64; a pair that is not one stays as it is and will not fit."""
    return {_folded_key(stored, key): _folded(stored, key) for key in _kept(stored)}


def _folded(stored: Tensors, key: str) -> torch.Tensor:
    if not _is_pair(stored, key):
        return stored[key]
    length, direction = stored[_length_of(key)].double(), stored[key].double()
    axes = [axis for axis, size in enumerate(length.shape) if size == 1]
    norm: torch.Tensor = torch.linalg.vector_norm(direction, dim=axes, keepdim=True)
    return length * direction / norm


def _kept(stored: Tensors) -> list[str]:
    """Keys without the lengths of pairs."""
    return [
        key
        for key in stored
        if not (key.endswith(_LENGTH) and _is_pair(stored, key.removesuffix(_LENGTH) + _DIRECTION))
    ]


def _folded_key(stored: Tensors, key: str) -> str:
    return key.removesuffix(_DIRECTION) + _WHOLE if _is_pair(stored, key) else key


def _length_of(key: str) -> str:
    return key.removesuffix(_DIRECTION) + _LENGTH


def _is_pair(stored: Tensors, key: str) -> bool:
    """Whether `key` is a direction whose length has as many entries as one of its axes, along that axis."""
    length, direction = stored.get(_length_of(key)), stored.get(key)
    if not key.endswith(_DIRECTION) or length is None or direction is None:
        return False
    axes = range(direction.dim())
    return any(
        tuple(length.shape) == tuple(direction.shape[i] if i == axis else 1 for i in axes) for axis in axes
    )


class Rows(nn.Embedding):
    """As `nn.Embedding`, but nothing is drawn for a table on the meta device, which a file fills later.

    There torch draws with code that first imports its compiler: two seconds of a processor for no numbers.
    """

    def reset_parameters(self) -> None:
        """Draw the rows where there is memory for them."""
        if not self.weight.is_meta:
            super().reset_parameters()
