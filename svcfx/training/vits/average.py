"""The running average of a network's weights: what is checked, heard and kept as the voice."""

import copy

import torch

from svcfx.training.vits.network import TrainedGenerator

_WARMUP_STEPS = 20.0


class Average:
    """Follows a network; `share` of it stays after a step, less at the beginning."""

    def __init__(self, network: TrainedGenerator, share: float) -> None:
        self.share = share
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def follow(self, network: TrainedGenerator, step: int) -> None:
        """Move towards the network after its step number `step`, counted from 1."""
        share = min(self.share, step / (step + _WARMUP_STEPS))
        mine: list[torch.Tensor] = [*self.network.parameters()]
        its: list[torch.Tensor] = [*network.parameters()]
        torch._foreach_lerp_(mine, its, 1.0 - share)
