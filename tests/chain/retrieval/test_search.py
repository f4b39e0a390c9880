"""Nearest rows of a table: exact, whatever the table looks like, and in little memory."""

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from svcfx.chain.retrieval import search

WIDTH = 48


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def by_hand(queries: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    """Squared distances in double precision, one query at a time."""
    away = [(rows.double() - query.double()).square().sum(1) for query in queries]
    return torch.stack(away).topk(count, largest=False)[0]


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize(("middle", "spread"), [(0.0, 1.0), (30.0, 1.0), (5.0, 1e-3), (1.0, 0.0)], ids=str)
def test_the_nearest_are_the_nearest(count: int, middle: float, spread: float) -> None:
    rows = middle + spread * noise(9000, WIDTH)
    queries = middle + spread * noise(40, WIDTH, seed=2)
    squared, index = search.nearest(queries, rows, count)
    expected = by_hand(queries, rows, count)
    torch.testing.assert_close(squared, expected, rtol=1e-9, atol=1e-12)
    found = (rows[index].double() - queries.double()[:, None]).square().sum(2)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def test_a_row_that_is_there_a_hundred_times_hides_nothing() -> None:
    rows = torch.cat([noise(5000, WIDTH), noise(1, WIDTH, seed=3).repeat(100, 1)])
    queries = torch.cat([rows[-1:], rows[-1:] + 1e-4, noise(5, WIDTH, seed=4)])
    squared, _ = search.nearest(queries, rows, 8)
    torch.testing.assert_close(squared, by_hand(queries, rows, 8), rtol=1e-9, atol=1e-12)


def test_fewer_rows_than_wanted_are_all_found() -> None:
    squared, index = search.nearest(noise(4, WIDTH), noise(3, WIDTH, seed=2), 8)
    assert squared.shape == index.shape == (4, 3)
    assert torch.equal(index.sort(1)[0], torch.arange(3).expand(4, 3))


@pytest.mark.parametrize("size", [search.BLOCK_ROWS, 4000, 808])
def test_the_smallest_of_a_block_are_found_group_by_group(size: int) -> None:
    values = noise(20, size).mul(50).round().div(50)  # many of them equal
    found, places = search._smallest(values, 32)
    assert torch.equal(found, values.topk(32, largest=False)[0])
    assert torch.equal(found, values.gather(1, places))
    assert all(len(set(row)) == 32 for row in places.tolist())


def test_units_that_repeat_over_frames_are_searched_once() -> None:
    queries, rows = noise(10, WIDTH), noise(200, WIDTH, seed=2)
    repeated = queries.repeat_interleave(3, 0)
    once, often = search.nearest(queries, rows, 4), search.nearest(repeated, rows, 4)
    assert torch.equal(often[1], once[1].repeat_interleave(3, 0))


def test_reduced_precision_around_it_does_not_reach_the_search() -> None:
    queries, rows = noise(10, WIDTH), noise(3000, WIDTH, seed=2)
    expected = search.nearest(queries, rows, 8)[1]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(search.nearest(queries, rows, 8)[1], expected)


class Largest(TorchDispatchMode):
    """Bytes of the largest tensor that is made inside."""

    size = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = function(*args, **(kwargs or {}))
        for part in made if isinstance(made, tuple | list) else (made,):
            if isinstance(part, torch.Tensor):
                self.size = max(self.size, part.numel() * part.element_size())
        return made


def test_no_table_of_all_distances_is_ever_made() -> None:
    queries, rows = noise(500, WIDTH), noise(40_000, WIDTH, seed=2)
    with Largest() as largest:
        search.nearest(queries, rows, 8)
    assert 500 * search.BLOCK_ROWS * 4 <= largest.size < 500 * 40_000 * 4 / 8
