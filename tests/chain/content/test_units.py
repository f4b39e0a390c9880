"""Units spread over frames and drawn towards the singer's own."""

import pytest
import torch

from svcfx.chain.content import units
from svcfx.errors import VoiceError


@pytest.mark.parametrize(("count", "frames"), [(49, 86), (57, 99), (499, 861), (10, 10), (40, 30)])
def test_spreading_keeps_the_order_and_reaches_the_end(count: int, frames: int) -> None:
    for index in (units.left_index, units.nearest_index, units.repeat_index):
        found = index(count, frames)
        assert len(found) == frames
        assert (found.diff() >= 0).all()
        assert 0 <= int(found[0]) <= int(found[-1]) < count
    assert int(units.nearest_index(count, frames)[-1]) >= count - 2


def test_other_ways_of_spreading_are_known_or_refused() -> None:
    for mode in ("linear", "nearest-exact", "area"):
        made = units.spread(torch.arange(4.0)[None], 8, mode)
        assert made.shape == (1, 8)
    with pytest.raises(VoiceError, match=r"unit_interpolate_mode is 'neares' .did you mean 'nearest'"):
        units.spread(torch.zeros(1, 4), 8, "neares")


def test_a_unit_of_the_bank_stays_where_it_is() -> None:
    generator = torch.Generator().manual_seed(1)
    bank = torch.randn(50, 12, generator=generator)
    torch.testing.assert_close(units.towards_neighbours(bank[:5], bank, 1.0), bank[:5])
    torch.testing.assert_close(units.towards_centre(bank[:5], bank, 1.0), bank[:5])


def test_ratio_nought_changes_nothing_and_few_neighbours_are_enough() -> None:
    generator = torch.Generator().manual_seed(1)
    bank, query = torch.randn(3, 12, generator=generator), torch.randn(5, 12, generator=generator)
    torch.testing.assert_close(units.towards_neighbours(query, bank, 0.0), query)
    blended = units.towards_neighbours(query, bank, 1.0)
    assert bool(((blended <= bank.amax(0) + 1e-6) & (blended >= bank.amin(0) - 1e-6)).all())
