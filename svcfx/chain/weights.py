"""Tensors of a file and the network that they are for: weight norm folded, every key and shape compared."""

from collections.abc import Mapping

import torch
from torch import nn

from svcfx.errors import VoiceError

_NAMED = 3


def fold_weight_norm(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Replace each pair `X.weight_g`, `X.weight_v` by `X.weight` = g * v / |v|; the rest goes through.

    The norm is over all axes on which g has one entry, so the same rule holds for plain and for
    transposed convolutions, and for a norm per tap.
    """
    folded = {}
    for key, value in tensors.items():
        stem, _, last = key.rpartition(".")
        if last == "weight_g" and f"{stem}.weight_v" in tensors:
            continue
        gain = tensors.get(f"{stem}.weight_g") if last == "weight_v" else None
        folded[key if gain is None else f"{stem}.weight"] = value if gain is None else _folded(gain, value)
    return folded


def _folded(gain: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    axes = [axis for axis, size in enumerate(gain.shape) if size == 1]
    norm = direction.to(torch.float64).square().sum(dim=axes or None, keepdim=True).sqrt()
    return (gain.to(torch.float64) * direction / norm).to(direction.dtype)


def require_fit(net: nn.Module, tensors: Mapping[str, torch.Tensor], name: str) -> None:
    """Compare every key and shape with those of the network, and look for NaN, before anything is filled.

    Raises:
        VoiceError: Something is missing, unknown, of another shape or not finite; the first three are named.
    """
    wanted = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in tensors.items()}
    wrong = [
        f"{key} is {found[key]}, config says {shape}" if key in found else f"{key} {shape} is missing"
        for key, shape in wanted.items()
        if found.get(key) != shape
    ]
    wrong += [f"{key} {shape} is not part of it" for key, shape in found.items() if key not in wanted]
    if wrong:
        raise VoiceError(
            f"{name}: {len(wrong)} of {len(wanted)} tensors do not fit ({'; '.join(wrong[:_NAMED])})",
            hint="The config must be the one that was written beside this file.",
        )
    broken = [key for key, value in tensors.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise VoiceError(
            f"{name}: {len(broken)} of {len(wanted)} tensors hold NaN or infinity"
            f" ({', '.join(broken[:_NAMED])})",
            hint="Its training broke down, or the file was damaged; take an earlier one.",
        )
