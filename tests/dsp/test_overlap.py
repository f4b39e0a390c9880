"""What was cut with overlap joins back, level and without a seam."""

import numpy as np
import pytest

from svcfx.dsp.overlap import crossfade, join, rise
from svcfx.errors import AudioShapeError


@pytest.fixture
def wave() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 3000)).astype(np.float32)


@pytest.mark.parametrize("overlap", [0, 1, 7, 400])
def test_pieces_of_one_signal_join_back_to_it_bit_for_bit(wave, overlap):
    cuts = [(0, 1000 + overlap), (1000, 2000 + overlap), (2000, 3000)]
    assert np.array_equal(join([wave[:, a:b] for a, b in cuts], overlap), wave)


@pytest.mark.parametrize("frames", [1, 2, 129])
def test_a_rise_and_its_mirror_sum_to_one(frames):
    np.testing.assert_allclose(rise(frames) + rise(frames)[::-1], 1.0, atol=1e-6)


def test_a_crossfade_never_leaves_the_span_of_its_ends():
    faded = crossfade(np.zeros((1, 50), np.float32), np.ones((1, 50), np.float32))[0]
    assert (np.diff(faded) > 0).all()
    assert 0 < faded[0] < faded[-1] < 1


def test_pieces_that_do_not_fit_are_refused(wave):
    with pytest.raises(AudioShapeError, match="1 and 2 channels"):
        join([wave, wave[:1]], 10)
    with pytest.raises(AudioShapeError, match="piece 1 has 15 frames, seams of 10 frames need 20"):
        join([wave, wave[:, :15], wave], 10)
    with pytest.raises(AudioShapeError, match="no pieces"):
        join([], 0)
    with pytest.raises(AudioShapeError, match="equal shapes"):
        crossfade(wave, wave[:, 1:])
