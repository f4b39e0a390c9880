"""Nearest neighbours of content in a table of it, in memory that does not grow with the table.

T queries, N rows, C channels, L lists. `nearest` is exact: single precision picks candidates, double
precision measures them, and a query whose candidates are not proven to hold its nearest is searched again in
double precision alone. `nearest_of_list` looks as an index with inverted lists does, at those of one list,
the nearest centre's; it may miss nearer rows of other lists, and that is what the programs hear that search
such an index as it is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch.nn import functional

BLOCK_ROWS = 4096
"""Rows looked at in one go: with 3000 queries their distances are 50 MB."""
GROUP = 16
"""Rows whose smallest distance is looked at first; a power of two."""
MEASURED = 128
"""Queries whose candidates are measured in one go, 25 MB."""
SPARE = 24
"""Candidates beyond those wanted; the more there are, the fewer queries are searched again."""
_SINGLE = float(torch.finfo(torch.float32).eps)

Found = tuple[torch.Tensor, torch.Tensor]
"""Squared distances (T, k) float64 rising, and rows (T, k)."""
_FAR = float(torch.finfo(torch.float32).max)
"""Squared distance of a neighbour that a short list does not have: it weighs nothing."""


def nearest(queries: torch.Tensor, rows: torch.Tensor, count: int) -> Found:
    """The `count` nearest rows of each query, by Euclidean distance; all rows when there are fewer."""
    distinct, back = torch.unique_consecutive(queries, dim=0, return_inverse=True)  # units repeat over frames
    with torch.autocast(queries.device.type, enabled=False):
        squared, index = _nearest(distinct, rows, min(count, len(rows)))
    return squared[back], index[back]


def _nearest(queries: torch.Tensor, rows: torch.Tensor, count: int) -> Found:
    middle = rows[:: len(rows) // BLOCK_ROWS + 1].mean(0)  # small numbers lose less in the expanded square
    centred = queries - middle
    rough, index, longest = _scan(centred, rows, middle, min(count + SPARE, len(rows)))
    squared, order = _measured(queries, rows, index).sort(1)
    squared, index = squared[:, :count], index.gather(1, order)[:, :count]
    if rough.shape[1] == len(rows):
        return squared, index
    reach = centred.norm(dim=1) + longest
    slack = (rows.shape[1] + 8) * _SINGLE * reach.double().square()
    doubtful = squared[:, -1] > rough[:, -1].double() - slack
    if bool(doubtful.any()):
        again = queries[doubtful].double()
        squared[doubtful], index[doubtful], _ = _scan(again, rows, torch.zeros_like(again[0]), count)
    return squared, index


def _scan(
    queries: torch.Tensor, rows: torch.Tensor, middle: torch.Tensor, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Nearest rows by |q|^2 + |r|^2 - 2 q r, in the precision of the queries, and the longest row.

    Rows are taken from `middle`, as the queries are already.
    """
    best = queries.new_full((len(queries), 0), 0.0)
    index = torch.zeros((len(queries), 0), dtype=torch.int64, device=queries.device)
    own, longest = queries.square().sum(1, keepdim=True), queries.new_zeros(())
    for start, block in _blocks(rows):
        near = block.to(queries.dtype) - middle
        lengths = near.norm(dim=1)
        longest = torch.maximum(longest, lengths.max())
        found, place = _smallest(_expanded(queries, own, near, lengths.square()), min(count, len(block)))
        best, index = torch.cat([best, found], 1), torch.cat([index, place + start], 1)
        best, kept = best.topk(min(count, best.shape[1]), largest=False)
        index = index.gather(1, kept)
    return best.clamp_min(0.0), index, longest


def _smallest(values: torch.Tensor, count: int) -> Found:
    """The smallest of each row of (T, B): they lie in the groups that have the smallest minima.

    A group is every so many values, so that two halves hold the same groups.
    """
    size = values.shape[1]
    groups = size // GROUP
    if size % GROUP or groups <= count:
        return values.topk(count, largest=False)
    least = values
    while least.shape[1] > groups:
        left, right = least.tensor_split(2, 1)
        least = torch.minimum(left, right)  # a third of the time that `amin` takes
    chosen = least.topk(count, largest=False, sorted=False)[1]
    places = (chosen[..., None] + groups * torch.arange(GROUP, device=values.device)).flatten(1)
    found, kept = values.gather(1, places).topk(count, largest=False)
    return found, places.gather(1, kept)


def _expanded(
    queries: torch.Tensor, own: torch.Tensor, near: torch.Tensor, theirs: torch.Tensor
) -> torch.Tensor:
    """|q|^2 + |r|^2 - 2 q r, (T, B), of queries (T, C) and rows (B, C) with squared lengths (T, 1) and (B,).

    Where oneDNN works, the product is a convolution one frame wide, with the rows as its frames: more than
    twice the speed of torch's matrix product on a Zen 5. A stride across its one line changes no number, but
    without it torch takes another kernel when it has one thread.
    """
    if queries.device.type != "cpu" or queries.dtype != torch.float32:
        return torch.addmm(own + theirs, queries, near.T, alpha=-2.0)
    pixels = near[None, None].permute(0, 3, 1, 2)
    products = functional.conv2d(pixels, -2.0 * queries[:, :, None, None], own[:, 0], (2, 1))
    return products[0, :, 0].add_(theirs)


def _measured(queries: torch.Tensor, rows: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Squared distance of each query to each of its candidates, summed in double precision."""
    measured = []
    for start in range(0, len(queries), MEASURED):
        here = slice(start, start + MEASURED)
        away = rows[index[here]].double() - queries[here].double()[:, None]
        measured.append(away.square().sum(2))
    return torch.cat(measured)


def _blocks(rows: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
    for start in range(0, len(rows), BLOCK_ROWS):
        yield start, rows[start : start + BLOCK_ROWS]


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


def nearest_of_list(
    queries: torch.Tensor, rows: torch.Tensor, lists: Lists, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Squared distances (T, count) float64 rising, and rows (T, count), of each query's own list.

    A list of fewer rows is filled up with row 0 at a distance so large that it weighs nothing.
    """
    distinct, back = torch.unique_consecutive(queries, dim=0, return_inverse=True)
    chosen = nearest(distinct, lists.centres, 1)[1][:, 0]
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
