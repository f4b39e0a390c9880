"""Weight norm folded away: a convolution stored as length g and direction v becomes one weight.

weight = g v / |v|, the norm over all axes but the first, which is the output channel of a convolution and the
input channel of a transposed one. Source: Salimans & Kingma, "Weight normalization", 2016.
"""

from collections.abc import Mapping

import torch

LENGTH, DIRECTION, WHOLE = ".weight_g", ".weight_v", ".weight"


def shapes(stored: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor after folding, nothing computed."""
    return {
        _whole(key) if key.endswith(DIRECTION) and _fits(stored, key) else key: tuple(tensor.shape)
        for key, tensor in stored.items()
        if not (key.endswith(LENGTH) and _fits(stored, key.removesuffix(LENGTH) + DIRECTION))
    }


def fold(stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Every tensor in float32, pairs folded; a pair that is not one stays as it is and will not fit."""
    folded: dict[str, torch.Tensor] = {}
    for key, tensor in stored.items():
        if key.endswith(DIRECTION) and _fits(stored, key):
            length = stored[key.removesuffix(DIRECTION) + LENGTH]
            axes = tuple(range(1, tensor.dim()))
            direction = tensor.float()
            norm = torch.linalg.vector_norm(direction, dim=axes, keepdim=True)
            folded[_whole(key)] = direction * (length.float() / norm)
        elif not (key.endswith(LENGTH) and _fits(stored, key.removesuffix(LENGTH) + DIRECTION)):
            folded[key] = tensor.float()
    return folded


def _whole(key: str) -> str:
    return key.removesuffix(DIRECTION) + WHOLE


def _fits(stored: Mapping[str, torch.Tensor], key: str) -> bool:
    """Whether direction `key` is there with a length of the shape (first axis, 1, ...)."""
    length = stored.get(key.removesuffix(DIRECTION) + LENGTH)
    direction = stored.get(key)
    if length is None or direction is None:
        return False
    return tuple(length.shape) == (direction.shape[0],) + (1,) * (direction.dim() - 1)
