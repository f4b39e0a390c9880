"""The running average of a network's weights: what is checked, heard and kept as the voice."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)
_WARMUP_STEPS = 20.0


class Average(Generic[Network]):
    """Follows a network; `share` of it stays after a step, less at the beginning."""

    def __init__(self, network: Network, share: float) -> None:
        self.share = share
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def follow(self, network: Network, step: int) -> None:
        """Move towards the network after its step number `step`, counted from 1."""
        share = min(self.share, step / (step + _WARMUP_STEPS))
        mine: list[torch.Tensor] = [*self.network.parameters()]
        its: list[torch.Tensor] = [*network.parameters()]
        torch._foreach_lerp_(mine, its, 1.0 - share)
