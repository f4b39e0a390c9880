"""Begin with the weights of another voice: those of its tensors that have the same name and shape."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from svcfx.errors import TrainingError

LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Taken:
    """How many tensors of a network were taken, of how many."""

    tensors: int
    of: int


def begin(network: nn.Module, stored: Mapping[str, torch.Tensor], name: str) -> Taken:
    """Fill what fits. Whole weights, as singing keeps them, are taken apart into length and direction.

    A table of singers of another length gives its first rows.

    Raises:
        TrainingError: Less than half of the network's tensors fit: it is of another family or size.
    """
    own = network.state_dict()
    source = {**stored, **_apart(stored, own)}
    fitting = {key: source[key].to(own[key].dtype) for key in own if _fits(source, own, key)}
    if len(fitting) < LEAST_SHARE * len(own):
        raise TrainingError(
            f"only {len(fitting)} of {len(own)} tensors of '{name}' fit",
            hint="A base must be of the same `family` and `size`, with the same content encoder.",
        )
    network.load_state_dict(fitting, strict=False)
    return Taken(len(fitting), len(own))


def _fits(source: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor], key: str) -> bool:
    return key in source and source[key].shape == own[key].shape and bool(source[key].isfinite().all())


def _apart(stored: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    made: dict[str, torch.Tensor] = {}
    for key, whole in stored.items():
        stem = key.removesuffix(".weight")
        if f"{stem}.weight_v" in own and key != stem:
            axes = tuple(range(1, whole.dim()))
            made[f"{stem}.weight_g"] = torch.linalg.vector_norm(whole.float(), dim=axes, keepdim=True)
            made[f"{stem}.weight_v"] = whole
    table = stored.get("emb_g.weight")
    if table is not None and "emb_g.weight" in own and table.shape[1] == own["emb_g.weight"].shape[1]:
        rows = own["emb_g.weight"].clone()
        count = min(len(rows), len(table))
        rows[:count] = table[:count].to(rows)
        made["emb_g.weight"] = rows
    return made
