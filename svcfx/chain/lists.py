"""The nearest rows as an index with inverted lists finds them: those of one list, the nearest centre's.

T queries, N rows, C channels, L lists. It may miss nearer rows of other lists; that is what the programs hear
that search such an index as it is stored.
"""

from dataclasses import dataclass
from functools import cached_property

import torch

from svcfx.chain import search

_FAR = float(torch.finfo(torch.float32).max)
"""Squared distance of a neighbour that a short list does not have: it weighs nothing."""


@dataclass(frozen=True, eq=False)
class Lists:
    """Centres (L, C) of lists, and the list (N,) that each row lies in."""

    centres: torch.Tensor
    member: torch.Tensor

    @cached_property
    def rows(self) -> tuple[torch.Tensor, ...]:
        """Rows of each list, in order."""
        order = torch.argsort(self.member, stable=True)
        sizes = torch.bincount(self.member, minlength=len(self.centres)).tolist()
        return torch.split(order, sizes)


def nearest(
    queries: torch.Tensor, rows: torch.Tensor, lists: Lists, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Squared distances (T, count) float64 rising, and rows (T, count), of each query's own list.

    A list of fewer rows is filled up with row 0 at a distance so large that it weighs nothing.
    """
    distinct, back = torch.unique_consecutive(queries, dim=0, return_inverse=True)
    chosen = search.nearest(distinct, lists.centres, 1)[1][:, 0]
    squared = torch.full((len(distinct), count), _FAR, dtype=torch.float64, device=queries.device)
    index = torch.zeros((len(distinct), count), dtype=torch.int64, device=queries.device)
    for number in sorted(set(chosen.tolist())):
        asking, own = torch.nonzero(chosen == number)[:, 0], lists.rows[number]
        if not len(own):
            continue
        found, place = _squared(distinct[asking], rows[own]).topk(min(count, len(own)), largest=False)
        squared[asking, : found.shape[1]], index[asking, : found.shape[1]] = found, own[place]
    return squared[back], index[back]


def _squared(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Squared distances of all pairs, float64, without the loss of an expanded square."""
    return torch.cdist(left.double(), right.double(), compute_mode="donot_use_mm_for_euclid_dist").square()
