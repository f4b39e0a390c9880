import numpy as np
import pytest

from svcfx.chain.svc import noise
from svcfx.chain.svc.noise import Use


@pytest.mark.bytes
def test_a_row_is_the_same_from_wherever_it_is_asked():
    whole = noise.rows(-300, 5000, 9, 7, Use.SOURCE)
    for first, count in ((-300, 10), (-1, 2), (0, 1), (3640, 3), (4000, 700)):
        np.testing.assert_array_equal(
            noise.rows(first, count, 9, 7, Use.SOURCE), whole[first + 300 :][:count]
        )


def test_uses_steps_and_seeds_share_no_numbers():
    drawn = [
        noise.rows(0, 1000, 4, seed, use, step)
        for seed, use, step in ((0, Use.PRIOR, 0), (0, Use.START, 0), (0, Use.STEP, 1), (1, Use.PRIOR, 0))
    ]
    for i, a in enumerate(drawn):
        assert abs(float(a.std()) - 1.0) < 0.05
        for b in drawn[:i]:
            assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05


def test_no_rows_are_no_rows():
    assert noise.rows(5, 0, 3, 0, Use.PRIOR).shape == (0, 3)
