"""Take weights apart as files keep them: a length for each row of the first axis, and a direction.

The direction is the weight itself and the length its norm, so that g v / |v| is the weight again but for the
last bit.

Source: Salimans & Kingma, "Weight normalization", 2016.
"""

import re
from collections.abc import Iterable, Mapping

import torch

from svcfx.chain.checkpoint.export.layout import stored_keys

Tensors = Mapping[str, torch.Tensor]


def unfold(tensors: Tensors, order: Iterable[str], normed: re.Pattern[str]) -> dict[str, torch.Tensor]:
    """Tensors of a network by the keys of its file, float32 on the CPU.

    Args:
        order: The network's keys, as the file lists them.
        normed: Matches the layers whose weights are taken apart.
    """
    made: dict[str, torch.Tensor] = {}
    known: dict[tuple[int, str], torch.Tensor] = {}
    for key in order:
        for stored in stored_keys(key, tensors, normed):
            source = tensors.get(stored, tensors[key])
            last = stored.rpartition(".")[2]
            # One tensor under two keys, as couplings that share a network have it, stays one.
            address = (source.data_ptr(), last)
            if address not in known:
                known[address] = _part(source, last)
            made[stored] = known[address]
    return made


def _part(source: torch.Tensor, last: str) -> torch.Tensor:
    plain = source.detach().to("cpu", torch.float32).clone(memory_format=torch.contiguous_format)
    if last == "weight_g":
        return length(plain)
    return direction(plain) if last == "weight_v" else plain


def length(weight: torch.Tensor) -> torch.Tensor:
    """Norm of each row of the first axis, the other axes kept as 1."""
    axes = tuple(range(1, weight.dim()))
    norm: torch.Tensor = torch.linalg.vector_norm(weight.double(), dim=axes, keepdim=True)
    return norm.float()


def direction(weight: torch.Tensor) -> torch.Tensor:
    """The weight; a row of zeros, whose length is 0, becomes ones, for 0 / 0 is no number."""
    silent = length(weight) == 0
    return torch.where(silent, torch.ones_like(weight), weight)
