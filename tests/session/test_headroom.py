import numpy as np
import pytest

from svcfx.session import headroom


@pytest.mark.parametrize("peak", [1.01, 1.5, 4.0])
def test_what_would_exceed_full_scale_is_turned_down_by_the_amount_that_is_said(peak):
    samples = np.float32(peak) * np.sin(np.linspace(0.0, 40.0, 4001, dtype=np.float32))[None]
    made, notes = headroom.kept(samples)
    down = 20.0 * np.log10(np.abs(samples).max() / np.abs(made).max())
    assert np.abs(made).max() == pytest.approx(10.0 ** (headroom.HIGHEST_DBFS / 20.0), rel=1e-5)
    assert f"{down:.1f} dB" in notes[0].text
    np.testing.assert_allclose(made * (samples[0, 100] / made[0, 100]), samples, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("peak", [0.0, 0.5, 1.0])
def test_what_fits_is_left_as_it_is_to_the_bit(peak):
    samples = np.full((2, 100), peak, np.float32)
    made, notes = headroom.kept(samples)
    assert made is samples
    assert notes == []


def test_nothing_is_fine():
    assert headroom.kept(np.zeros((1, 0), np.float32))[1] == []
