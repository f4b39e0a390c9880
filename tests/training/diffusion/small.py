"""Diffusion models small enough for seconds, and states compared to the byte."""

import hashlib

import torch

from svcfx.training.diffusion.recipe import DiffusionRecipe

TINY = {"layers": 2, "channels": 32, "hidden": 32}
SMALL = DiffusionRecipe(size="small", batch=4, seconds=0.24, rate=2e-3, average=0.9)


def digest(value) -> str:
    """A name for everything in a state, whatever order its file has."""
    found = hashlib.sha256()
    _feed(found, value)
    return found.hexdigest()


def _feed(found, value):
    if isinstance(value, torch.Tensor):
        found.update(value.contiguous().numpy().tobytes())
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            found.update(str(key).encode())
            _feed(found, value[key])
    elif isinstance(value, (list, tuple)):
        for one in value:
            _feed(found, one)
    else:
        found.update(repr(value).encode())
