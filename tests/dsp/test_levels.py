"""A fader's decibels are what they say."""

import math

import numpy as np
import pytest

from svcfx.dsp.levels import db_from_gain, gain_from_db, peak_dbfs


@pytest.mark.parametrize("db", [-120.0, -6.0, 0.0, 12.0])
def test_decibels_come_back_from_their_gain(db):
    assert db_from_gain(gain_from_db(db)) == pytest.approx(db)


def test_silence_has_no_level():
    assert gain_from_db(-math.inf) == 0.0
    for silence in (np.zeros((2, 10), np.float32), np.zeros((2, 0), np.float32)):
        assert peak_dbfs(silence) == -math.inf


def test_the_peak_is_the_largest_sample_of_either_sign():
    sine = np.sin(np.arange(48_000) * 2 * np.pi * 100 / 48_000).astype(np.float32)[None]
    assert peak_dbfs(sine) == pytest.approx(0.0, abs=0.001)
    assert peak_dbfs(-sine - 0.5) == pytest.approx(db_from_gain(1.5), abs=0.001)
