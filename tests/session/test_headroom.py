from pathlib import Path

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


def test_a_float_wav_holds_what_exceeds_full_scale_and_another_file_beside_it_does_not():
    samples = np.full((1, 10), 2.0, np.float32)
    wav, mp3 = Path("a.wav"), Path("a.mp3")
    assert headroom.fitted(samples, [wav], "float")[0] is samples
    for targets, encoding in (([wav, mp3], "float"), ([wav], "pcm24"), ([wav], "pcm16")):
        assert np.abs(headroom.fitted(samples, targets, encoding)[0]).max() < 1.0


def test_nothing_is_fine():
    assert headroom.kept(np.zeros((1, 0), np.float32))[1] == []
