"""Compare every tensor of a file with what its config asks for, before anything is built."""

from collections.abc import Mapping

import torch
from torch import nn

from svcfx.errors import VoiceError

Shapes = Mapping[str, tuple[int, ...]]
NAMED = 3
"""Differences that are spelt out."""


def differences(found: Shapes, wanted: Shapes) -> list[str]:
    """One phrase for every tensor that is misshapen, absent, or unknown, in this order."""
    misshapen = [
        f"{key} is {found[key]}, config says {shape}"
        for key, shape in wanted.items()
        if key in found and found[key] != shape
    ]
    absent = [f"{key} is missing" for key in wanted if key not in found]
    unknown = [f"{key} is not in such a voice" for key in found if key not in wanted]
    return misshapen + absent + unknown


def check(name: str, found: Shapes, wanted: Shapes, hint: str) -> None:
    """Raise `VoiceError` naming the first three differences, or return."""
    wrong = differences(found, wanted)
    if wrong:
        raise VoiceError(
            f"voice '{name}': {len(wrong)} of {len(wanted)} tensors do not fit ({'; '.join(wrong[:NAMED])})",
            hint=hint,
        )


def check_finite(name: str, tensors: Mapping[str, torch.Tensor]) -> None:
    """Raise `VoiceError` when a weight is NaN or infinite: such a voice sings nothing but noise."""
    broken = [key for key, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
    if broken:
        raise VoiceError(
            f"voice '{name}': {len(broken)} of {len(tensors)} tensors hold NaN or infinite numbers"
            f" ({', '.join(broken[:NAMED])})",
            hint="Its training broke down; take an earlier step of the same voice.",
        )


def fill(network: nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Copy `tensors` into a network that has shapes but no memory yet; afterwards it only evaluates."""
    network.to_empty(device="cpu").load_state_dict(tensors, strict=True)
    network.eval().requires_grad_(False)
