"""A fader's decibels and a pan knob's power are what they say."""

import math

import numpy as np
import pytest

from svcfx.dsp.levels import balance_gains, db_from_gain, gain_from_db, pan_gains, panned, peak_dbfs, rms_dbfs
from svcfx.errors import AudioShapeError, ParamError


@pytest.mark.parametrize("db", [-120.0, -6.0, 0.0, 12.0])
def test_decibels_come_back_from_their_gain(db):
    assert db_from_gain(gain_from_db(db)) == pytest.approx(db)


def test_silence_has_no_level():
    assert gain_from_db(-math.inf) == 0.0
    for silence in (np.zeros((2, 10), np.float32), np.zeros((2, 0), np.float32)):
        assert peak_dbfs(silence) == rms_dbfs(silence) == -math.inf


def test_a_sine_stands_three_decibels_below_its_peak():
    sine = np.sin(np.arange(48_000) * 2 * np.pi * 100 / 48_000).astype(np.float32)[None]
    assert peak_dbfs(sine) == pytest.approx(0.0, abs=0.001)
    assert rms_dbfs(sine) == pytest.approx(-3.0103, abs=0.001)
    assert peak_dbfs(-sine - 0.5) == pytest.approx(db_from_gain(1.5), abs=0.001)


@pytest.mark.parametrize("pan", np.linspace(-1, 1, 9))
def test_a_panned_source_keeps_its_power(pan):
    left, right = pan_gains(pan)
    assert left**2 + right**2 == pytest.approx(1.0)


def test_the_centre_is_minus_three_decibels_mono_and_untouched_stereo():
    assert db_from_gain(pan_gains(0.0)[0]) == pytest.approx(-3.0103, abs=1e-4)
    assert balance_gains(0.0) == (1.0, 1.0)


@pytest.mark.parametrize("pan", [-1.0, 1.0])
def test_a_source_panned_hard_is_silent_on_the_far_side(pan):
    far = 1 if pan < 0 else 0
    assert not panned(np.ones((1, 8), np.float32), pan)[far].any()
    assert not panned(np.ones((2, 8), np.float32), pan)[far].any()


def test_a_balance_makes_nothing_louder():
    assert max(max(balance_gains(pan)) for pan in np.linspace(-1, 1, 99)) == 1.0


@pytest.mark.parametrize("pan", [-1.01, 2.0, math.nan])
def test_a_pan_off_the_scale_is_refused(pan):
    with pytest.raises(ParamError, match="outside -1"):
        pan_gains(pan)


def test_three_channels_cannot_be_panned():
    with pytest.raises(AudioShapeError, match="got 3"):
        panned(np.zeros((3, 4), np.float32), 0.0)
