"""The distance between a voice and its noise, measured."""

import numpy as np
import pytest
from training.prepare.sung import RATE, melody, with_noise

from svcfx.training.prepare.noise import HIGHEST_DB, snr_db


@pytest.mark.parametrize("stated", [0.0, 10.0, 20.0, 30.0, 40.0])
@pytest.mark.parametrize("pauses", [True, False])
def test_added_noise_is_measured_as_far_below_as_it_was_put(stated, pauses):
    voice = melody(10.0, seed=7, pauses=pauses)
    assert snr_db(with_noise(voice, stated), RATE) == pytest.approx(stated, abs=4.0)


def test_less_noise_measures_better_and_level_does_not_matter():
    voice = melody(6.0, seed=2)
    found = [snr_db(with_noise(voice, snr), RATE) for snr in (5, 15, 25, 35)]
    assert found == sorted(found)
    assert snr_db(0.05 * with_noise(voice, 25.0), RATE) == pytest.approx(found[2], abs=0.01)


def test_noise_alone_is_no_voice_and_silence_has_no_noise():
    assert snr_db(np.random.default_rng(1).normal(0, 0.1, 5 * RATE).astype(np.float32), RATE) < 3.0
    assert snr_db(np.zeros(RATE, np.float32), RATE) == HIGHEST_DB
