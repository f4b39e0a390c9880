"""Blocks joined where they agree best."""

import numpy as np
import pytest

from svcfx.dsp.blocks import BlockSizes, BlockSplicer
from svcfx.dsp.sola import best_shift, splice


@pytest.fixture
def noise():
    return np.random.default_rng(1).standard_normal(6000).astype(np.float32)


@pytest.mark.parametrize("shift", [0, 7, 100])
def test_a_block_that_is_late_is_found_and_joined_without_a_seam(noise, shift):
    tail, block = noise[1000:1200], noise[1000 - shift : 2000]
    assert best_shift(tail, block, 100) == shift
    joined = splice(tail, block, 100)
    np.testing.assert_allclose(joined, noise[1000 : 1000 + len(joined)], atol=1e-6)


def test_silence_is_joined_to_silence():
    np.testing.assert_array_equal(splice(np.zeros(20), np.zeros(100), 10), np.zeros(90))


@pytest.mark.parametrize("block", [500, 1500])
def test_an_effect_that_changes_nothing_comes_out_late_and_whole(noise, block):
    sizes = BlockSizes(before=300, after=100, fade=80, search=60)
    splicer = BlockSplicer(sizes, lambda wave: wave)
    made = np.concatenate([splicer.push(part) for part in noise.reshape(-1, block)])
    late = sizes.after + sizes.fade + sizes.search
    np.testing.assert_allclose(made[late + block :], noise[block : len(noise) - late], atol=1e-6)
