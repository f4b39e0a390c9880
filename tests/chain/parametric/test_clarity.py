import numpy as np
import pytest

from svcfx.chain.parametric import bands, clarity, level


@pytest.fixture
def formants():
    """Three broad formants that fall with pitch, at loudness 0, shape (4, 80)."""
    place = np.arange(bands.BANDS)
    humps = [2.0 * np.exp(-(((place - at) / 6.0) ** 2)) for at in (12, 28, 44)]
    envelope = (np.sum(humps, 0) - 0.03 * place + np.arange(4)[:, None] * 0.1).astype(np.float32)
    return envelope - level.envelope_loudness(envelope)[:, None]


def test_formants_stand_out_more_and_stay_where_they_are(formants):
    sharper = clarity.sharpened(formants, np.ones(4), np.array([0.0, 110.0, 220.0, 250.0]))
    for peak, valley in ((12, 20), (28, 36)):
        assert np.all(sharper[:, peak] - sharper[:, valley] > 1.1 * (formants[:, peak] - formants[:, valley]))
    np.testing.assert_array_equal(sharper[:, 8:18].argmax(1), formants[:, 8:18].argmax(1))


def test_loudness_stays_at_zero(formants):
    for decoded in (0.0, 0.3, 1.0):
        sharper = clarity.sharpened(formants, np.full(4, decoded), np.array([0.0, 110.0, 300.0, 700.0]))
        np.testing.assert_allclose(level.envelope_loudness(sharper), 0.0, atol=1e-5)


def test_high_notes_and_redrawn_frames_keep_their_bytes_beside_others(formants):
    sharper = clarity.sharpened(
        formants, np.array([0.0, 1.0, 1.0, 1.0]), np.array([110.0, 300.0, 350.0, 0.0])
    )
    np.testing.assert_array_equal(sharper[[0, 2]], formants[[0, 2]])
    assert np.all(np.abs(sharper[[1, 3]] - formants[[1, 3]]).max(1) > 0.1)
