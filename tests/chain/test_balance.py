import numpy as np
import pyloudnorm
import pytest

from svcfx.chain.balance import GatedLoudness, match_db


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_gated_loudness_agrees_with_pyloudnorm(rate):
    rng = np.random.default_rng(0)
    sound = (0.05 * rng.standard_normal(6 * rate)).astype(np.float32)
    sound[2 * rate : 4 * rate] *= 1e-3  # below both gates
    meter = GatedLoudness(rate)
    for start in range(0, len(sound), 7777):
        meter.push(sound[start : start + 7777])
    assert meter.lufs == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(sound), abs=0.1)


def test_a_997_hz_sine_at_full_scale_is_minus_3_01():
    meter = GatedLoudness(48000)
    meter.push(np.sin(2 * np.pi * 997 * np.arange(96000) / 48000).astype(np.float32))
    assert meter.lufs == pytest.approx(-3.01, abs=0.02)


def test_what_is_too_short_or_silent_matches_by_nothing():
    short, long = GatedLoudness(44100), GatedLoudness(44100)
    short.push(np.ones(100, np.float32))
    long.push(np.sin(np.arange(44100)).astype(np.float32))
    assert match_db(short, long) == match_db(long, GatedLoudness(44100)) == 0.0
    half = GatedLoudness(44100)
    half.push(0.5 * np.sin(np.arange(44100)).astype(np.float32))
    assert match_db(long, half) == pytest.approx(6.02, abs=0.01)
