"""Who sings: one singer of a voice, or on the way from one to a mix of others."""

from collections.abc import Mapping

import torch


def weights(
    singer: str, others: Mapping[str, float], blend: torch.Tensor, rows: Mapping[str, int], count: int
) -> torch.Tensor:
    """Weights (T, count) of a speaker table's rows; `blend` (T,) is 0 for the singer, 1 for the others."""
    own, mix = torch.zeros(count), torch.zeros(count)
    own[rows[singer]] = 1.0
    for name, share in others.items():
        mix[rows[name]] += share
    return (1.0 - blend)[:, None] * own + blend[:, None] * mix
