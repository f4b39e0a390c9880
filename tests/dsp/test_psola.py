"""Pitch that is moved period by period: by as much as was asked, and nothing else with it."""

import numpy as np
import pytest

from svcfx.dsp.psola import shifted

RATE = 44_100
SECONDS = 2.0


def vowel(hz, rate=RATE):
    """A tone (frames,) through two formants, its pitch (frames,) in Hz."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    low, total = float(np.min(hz)), np.zeros(len(hz))
    for k in range(1, int(10_000 / low)):
        envelope = (
            np.exp(-(((k * low - 700) / 300) ** 2)) + 0.3 * np.exp(-(((k * low - 2600) / 500) ** 2)) + 0.01
        )
        total += envelope * np.cos(k * phase)
    return (0.05 * total)[None].astype(np.float32)


def pitch(sound, rate=RATE):
    """Hz of a steady sound (frames,), by where its correlation peaks, between samples."""
    spectrum = np.fft.rfft(sound * np.hanning(len(sound)), 2 * len(sound))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)
    at = int(rate / 500) + int(np.argmax(correlation[int(rate / 500) : int(rate / 120)]))
    left, middle, right = correlation[at - 1 : at + 2]
    return rate / (at + 0.5 * (left - right) / (left - 2 * middle + right))


def frames(sound, hz, rate=RATE):
    return np.full(int(sound.shape[1] / rate * 100), float(hz))


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
@pytest.mark.parametrize("cents", [-300.0, -50.0, 35.0, 400.0])
def test_a_pitch_moves_by_what_was_asked_and_keeps_its_level(rate, cents):
    sound = vowel(np.full(int(SECONDS * rate), 187.3), rate)
    f0 = frames(sound, 187.3, rate)
    made = shifted(sound, rate, f0, np.full(len(f0), 2 ** (cents / 1200)))
    assert made.shape == sound.shape
    heard = 1200 * np.log2(pitch(made[0, rate // 4 : -rate // 4], rate) / 187.3)
    assert heard == pytest.approx(cents, abs=2.0)
    level = [10 * np.log10(np.mean(np.square(one))) for one in (made, sound)]
    assert level[0] == pytest.approx(level[1], abs=1.5)


def test_formants_stay_where_they_are():
    sound = vowel(np.full(int(SECONDS * RATE), 187.3))
    f0 = frames(sound, 187.3)
    made = shifted(sound, RATE, f0, np.full(len(f0), 2 ** (300 / 1200)))
    hz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    for low, high in ((400, 1100), (2000, 3200), (4000, 8000)):
        band = (hz >= low) & (hz < high)
        before, after = (np.square(np.abs(np.fft.rfft(one[0])))[band].sum() for one in (sound, made))
        assert 10 * np.log10(after / before) == pytest.approx(0.0, abs=2.5)


@pytest.mark.bytes
def test_where_nothing_is_to_be_moved_every_bit_stays():
    sound = vowel(np.full(int(SECONDS * RATE), 187.3))
    sound[:, RATE : RATE + 8000] = np.random.default_rng(0).standard_normal((1, 8000)) * 0.05
    f0 = frames(sound, 187.3)
    f0[99:120] = 0.0
    np.testing.assert_array_equal(shifted(sound, RATE, f0, np.ones(len(f0))), sound)
    later = np.where(np.arange(len(f0)) < 110, 1.0, 1.05)
    made = shifted(sound, RATE, f0, later)
    np.testing.assert_array_equal(made[:, : 119 * 441], sound[:, : 119 * 441])
    assert np.abs(made - sound)[:, 125 * 441 :].max() > 0.01


def test_hardly_moved_is_hardly_changed_and_both_sides_move_alike():
    sweep = 187.3 * 2 ** (0.02 * np.sin(2 * np.pi * 5 * np.arange(int(SECONDS * RATE)) / RATE))
    sound = vowel(sweep)
    f0 = sweep[::441][: int(SECONDS * 100)]
    both = np.concatenate([sound, 0.5 * sound])
    made = shifted(both, RATE, f0, np.full(len(f0), 1.0 + 1e-9))
    error = made - both
    assert 10 * np.log10(np.square(both).sum() / np.square(error).sum()) > 60
    moved = shifted(both, RATE, f0, np.full(len(f0), 1.03))
    np.testing.assert_allclose(moved[1], 0.5 * moved[0], atol=1e-6)


@pytest.mark.parametrize("length", [0, 10, 400, 900])
def test_what_is_too_short_for_a_period_stays(length):
    sound = vowel(np.full(44_100, 100.0))[:, :length]
    f0 = np.full(max(length // 441, 2), 100.0)
    made = shifted(sound, RATE, f0, np.full(len(f0), 1.1))
    assert made.shape == sound.shape
    assert np.isfinite(made).all()
