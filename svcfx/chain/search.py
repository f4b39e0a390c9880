"""Exact nearest neighbours of content in a table of it, in memory that does not grow with the table.

T queries, N rows, C channels. Single precision picks candidates, double precision measures them; a query
whose candidates are not proven to hold its nearest is searched again in double precision alone.
"""

from collections.abc import Iterator

import torch

BLOCK_ROWS = 4096
"""Rows looked at in one go: with 3000 queries their distances are 50 MB."""
MEASURED = 128
"""Queries whose candidates are measured in one go, 25 MB."""
SPARE = 24
"""Candidates beyond those wanted; the more there are, the fewer queries are searched again."""
_SINGLE = float(torch.finfo(torch.float32).eps)

Found = tuple[torch.Tensor, torch.Tensor]
"""Squared distances (T, k) float64 rising, and rows (T, k)."""


def nearest(queries: torch.Tensor, rows: torch.Tensor, count: int) -> Found:
    """The `count` nearest rows of each query, by Euclidean distance; all rows when there are fewer."""
    distinct, back = torch.unique_consecutive(queries, dim=0, return_inverse=True)  # units repeat over frames
    with torch.autocast(queries.device.type, enabled=False):
        squared, index = _nearest(distinct, rows, min(count, len(rows)))
    return squared[back], index[back]


def _nearest(queries: torch.Tensor, rows: torch.Tensor, count: int) -> Found:
    middle = rows.mean(0)  # small numbers lose less in the expanded square
    rough, index = _scan(queries - middle, rows, middle, min(count + SPARE, len(rows)))
    squared, order = _measured(queries, rows, index).sort(1)
    squared, index = squared[:, :count], index.gather(1, order)[:, :count]
    if rough.shape[1] == len(rows):
        return squared, index
    reach = (queries - middle).norm(dim=1) + _longest(rows, middle)
    slack = (rows.shape[1] + 8) * _SINGLE * reach.double().square()
    doubtful = squared[:, -1] > rough[:, -1].double() - slack
    if bool(doubtful.any()):
        again = queries[doubtful].double()
        squared[doubtful], index[doubtful] = _scan(again, rows, torch.zeros_like(again[0]), count)
    return squared, index


def _scan(queries: torch.Tensor, rows: torch.Tensor, middle: torch.Tensor, count: int) -> Found:
    """Nearest rows by |q|^2 + |r|^2 - 2 q r, in the precision of the queries."""
    best = queries.new_full((len(queries), 0), 0.0)
    index = torch.zeros((len(queries), 0), dtype=torch.int64, device=queries.device)
    own = queries.square().sum(1, keepdim=True)
    for start, block in _blocks(rows):
        near = block.to(queries.dtype) - middle
        squared = torch.addmm(own + near.square().sum(1), queries, near.T, alpha=-2.0).clamp_min_(0.0)
        found, place = squared.topk(min(count, len(block)), largest=False)
        best, index = torch.cat([best, found], 1), torch.cat([index, place + start], 1)
        best, kept = best.topk(min(count, best.shape[1]), largest=False)
        index = index.gather(1, kept)
    return best, index


def _measured(queries: torch.Tensor, rows: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Squared distance of each query to each of its candidates, summed in double precision."""
    measured = []
    for start in range(0, len(queries), MEASURED):
        here = slice(start, start + MEASURED)
        away = rows[index[here]].double() - queries[here].double()[:, None]
        measured.append(away.square().sum(2))
    return torch.cat(measured)


def _longest(rows: torch.Tensor, middle: torch.Tensor) -> torch.Tensor:
    return torch.stack([(block - middle).norm(dim=1).max() for _, block in _blocks(rows)]).max()


def _blocks(rows: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
    for start in range(0, len(rows), BLOCK_ROWS):
        yield start, rows[start : start + BLOCK_ROWS]
