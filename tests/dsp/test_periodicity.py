import numpy as np
import pytest

from svcfx.dsp.periodicity import UNSUNG_BELOW, pitched_share, repetition

RATE = 44_100


def noise(seconds=3.0, tilt=0.0):
    """Noise whose amplitude falls as frequency to the power of `tilt`, shape (1, frames)."""
    white = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    hz = np.maximum(np.fft.rfftfreq(len(white), 1 / RATE), 20.0)
    return (0.1 * np.fft.irfft(np.fft.rfft(white) / hz**tilt, len(white))).astype(np.float32)[None]


def sung(hz, seconds=3.0, vibrato_cents=40.0):
    when = np.arange(round(seconds * RATE)) / RATE
    f0 = hz * 2 ** (vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * when))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    return 0.1 * sum(np.cos(k * phase) / k for k in range(1, 21)).astype(np.float32)[None]


def drums():
    """A kick that falls to 50 Hz and a snare in turn, four a second."""
    random, when = np.random.default_rng(2), np.arange(RATE // 4) / RATE
    kick = np.sin(2 * np.pi * (50 + 80 * np.exp(-30 * when)) * when) * np.exp(-12 * when)
    beats = []
    for beat in range(16):
        snare = random.standard_normal(len(when)) * np.exp(-25 * when)
        beats.append(kick if beat % 2 == 0 else 0.6 * snare)
    return np.concatenate(beats).astype(np.float32)[None]


@pytest.mark.parametrize("hz", [70, 98, 220, 440, 1000, 1500])
def test_what_is_sung_has_a_pitch_at_any_height_and_level(hz):
    assert pitched_share(sung(hz), RATE) > 0.95
    assert pitched_share(1e-3 * sung(hz), RATE) > 0.95


def test_a_voice_in_noise_ten_decibels_below_it_still_has_one():
    voice = sung(220)
    level = np.sqrt(np.mean(voice**2) / np.mean(noise() ** 2) / 10)
    assert pitched_share(voice + np.float32(level) * noise(), RATE) > 0.8


@pytest.mark.parametrize("tilt", [0.0, 0.5, 1.0])
def test_noise_of_any_colour_has_none(tilt):
    assert pitched_share(noise(tilt=tilt), RATE) < 0.1


def test_drums_have_hardly_any():
    assert pitched_share(drums(), RATE) < UNSUNG_BELOW


@pytest.mark.parametrize("frames", [1, 100, 10_000])
def test_silence_has_none_however_short(frames):
    assert pitched_share(np.zeros((2, frames), np.float32), RATE) == 0.0


def test_a_frame_that_repeats_exactly_is_told_from_one_that_does_not():
    when = np.arange(512) / 8000
    found = repetition(np.stack([np.sin(2 * np.pi * 250 * when), np.random.default_rng(3).normal(size=512)]))
    assert found[0] == pytest.approx(1.0, abs=0.02)
    assert found[1] < 0.4
