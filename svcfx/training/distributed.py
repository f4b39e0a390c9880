"""Several devices work as one: asked for the same, in the first one's state, with the first one's weights.

So only the first host needs the folder that a training is in. Of one device alone nothing is changed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from svcfx.errors import TrainingError

Reduce = Literal["sum", "mean"]


def require_alike(engine: Any, identity: Mapping[str, Any]) -> None:
    """Raise `TrainingError` on every device when they were not all asked for the same."""
    if engine.world_size == 1:
        return
    text = repr(sorted(identity.items())).encode()
    own = int.from_bytes(hashlib.sha256(text).digest()[:7], "big")
    known = engine.all_gather(torch.tensor(own, device=engine.device)).flatten()
    if bool((known != known[0]).any()):
        raise TrainingError(
            f"the {engine.world_size} devices were not asked for the same: settings or datasets differ",
            hint="Give the same command on every host, with copies of one dataset.",
        )


def of_first(engine: Any, state: Any) -> Any:
    """The first device's state, on every device."""
    return state if engine.world_size == 1 else engine.broadcast(state)


@torch.no_grad()
def share_weights(engine: Any, networks: Iterable[nn.Module]) -> None:
    """Give every device the first one's weights; processors of several kinds draw them not quite alike."""
    if engine.world_size == 1:
        return
    for network in networks:
        for tensor in network.state_dict().values():
            torch.distributed.broadcast(tensor, 0)


def reduce_gradients(engine: Any, network: nn.Module, how: Reduce) -> None:
    """Add up or average a network's gradients over all devices, in one message."""
    if engine.world_size == 1:
        return
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    whole = engine.all_reduce(flat, reduce_op=how)
    for gradient, part in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def reduce_terms(engine: Any, terms: dict[str, torch.Tensor], how: Reduce) -> dict[str, torch.Tensor]:
    """Terms of the whole step, added up or averaged over all devices."""
    if engine.world_size == 1:
        return terms
    names = sorted(terms)
    values = engine.all_reduce(torch.stack([terms[name].detach().float() for name in names]), reduce_op=how)
    return dict(zip(names, values, strict=True))
