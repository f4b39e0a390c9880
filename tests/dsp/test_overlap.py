"""Two pieces of one moment join level and without a seam."""

import numpy as np
import pytest

from svcfx.dsp.overlap import crossfade, rise
from svcfx.errors import AudioShapeError


@pytest.fixture
def wave() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 3000)).astype(np.float32)


def test_a_signal_faded_into_itself_is_itself_bit_for_bit(wave):
    assert np.array_equal(crossfade(wave, wave.copy()), wave)


@pytest.mark.parametrize("frames", [1, 2, 129])
def test_a_rise_and_its_mirror_sum_to_one(frames):
    np.testing.assert_allclose(rise(frames) + rise(frames)[::-1], 1.0, atol=1e-6)


def test_a_crossfade_never_leaves_the_span_of_its_ends():
    faded = crossfade(np.zeros((1, 50), np.float32), np.ones((1, 50), np.float32))[0]
    assert (np.diff(faded) > 0).all()
    assert 0 < faded[0] < faded[-1] < 1


def test_pieces_that_do_not_fit_are_refused(wave):
    with pytest.raises(AudioShapeError, match="equal shapes"):
        crossfade(wave, wave[:, 1:])
