"""Meters read what the standard says; the master reaches its target unless the ceiling forbids."""

import math

import numpy as np
import pytest

from svcfx.dsp import levels, loudness
from svcfx.dsp.loudness import integrated_lufs, master, true_peak_dbtp
from svcfx.errors import AudioShapeError, ParamError

RATE = 44_100


def sine(
    hz: float, dbfs: float, seconds: float = 3.0, channels: int = 2, phase: float = 0.0, rate: int = RATE
):
    time = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * time + phase)
    return np.repeat(wave[None].astype(np.float32), channels, axis=0)


def drums(seconds: float = 4.0) -> np.ndarray:
    """Noise that strikes four times a second: peaks far above its loudness."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(3).standard_normal((2, len(time)))
    return (0.1 * noise * np.exp(-(time * 4 % 1) * 20)).astype(np.float32)


@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_stereo_sine_of_1_khz_reads_its_level(dbfs, rate):
    # EBU Tech 3341, cases 1 and 2: 1 kHz at -23 dBFS on both channels is -23 LUFS within 0.1.
    assert integrated_lufs(sine(1000, dbfs, rate=rate), rate) == pytest.approx(dbfs, abs=0.1)


def test_one_channel_reads_three_decibels_less_than_two():
    wave = sine(1000, -20)
    difference = integrated_lufs(wave, RATE) - integrated_lufs(wave[:1], RATE)
    assert difference == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((2, RATE)), np.zeros((2, 0)), sine(1000, -10, seconds=0.39), sine(1000, -90), np.ones((1, 1))],
    ids=["silence", "nothing", "too short", "too quiet", "one frame"],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_measured_is_minus_infinity(samples):
    assert integrated_lufs(samples.astype(np.float32), RATE) == -math.inf


def test_six_channels_have_no_loudness_here():
    with pytest.raises(AudioShapeError, match="got 6"):
        integrated_lufs(np.zeros((6, RATE), np.float32), RATE)


def test_a_peak_between_samples_is_seen():
    # EBU Tech 3341, case 17: a quarter of the rate at 45 degrees hides 3 dB between its samples.
    wave = sine(RATE / 4, -6.0, phase=np.pi / 4)
    faded = wave * np.clip(np.minimum(np.arange(wave.shape[1]), np.arange(wave.shape[1])[::-1]) / 4000, 0, 1)
    assert 20 * math.log10(np.abs(faded).max()) == pytest.approx(-9.01, abs=0.01)
    assert true_peak_dbtp(faded.astype(np.float32), RATE) == pytest.approx(-6.0, abs=0.2)


def test_a_long_signal_peaks_the_same_wherever_blocks_begin():
    wave = drums(8.0)
    shifted = np.concatenate([np.zeros((2, 54_321), np.float32), wave], axis=1)
    assert true_peak_dbtp(shifted, RATE) == pytest.approx(true_peak_dbtp(wave, RATE), abs=1e-3)


def test_a_gain_alone_reaches_the_target():
    wave = drums() * 0.1
    done = master(wave, RATE, -30.0, -1.0)
    assert integrated_lufs(done.samples, RATE) == pytest.approx(-30.0, abs=0.01)
    gain = done.samples[:, 1000] / wave[:, 1000]
    np.testing.assert_allclose(done.samples, wave * gain[:, None], rtol=1e-5, atol=1e-7)
    assert done.note == ""


@pytest.mark.parametrize("ceiling", [-1.0, -3.0])
def test_the_ceiling_wins_and_says_so(ceiling):
    done = master(drums(), RATE, -8.0, ceiling)
    assert true_peak_dbtp(done.samples, RATE) <= ceiling
    assert true_peak_dbtp(done.samples, RATE) > ceiling - 0.3
    assert done.lufs < -8.0
    assert f"ceiling of {ceiling:g} dBTP wins" in done.note
    assert f"{done.lufs:.1f} LUFS" in done.note


def test_the_limiter_moves_nothing_in_time():
    wave = drums()
    done = master(wave, RATE, -10.0, -1.0).samples
    assert done.shape == wave.shape
    lags = range(-300, 301)
    likeness = [np.dot(done[0, 1000:-1000], np.roll(wave[0], lag)[1000:-1000]) for lag in lags]
    assert lags[int(np.argmax(likeness))] == 0


def test_a_long_mix_is_limited_in_pieces_as_it_would_be_at_one_go(monkeypatch):
    frames = 6 << 18  # a piece and a half
    wave = np.tile(drums(), 10)[:1, :frames] * np.float32(4.0)
    done = master(wave, RATE, None, -6.0).samples
    monkeypatch.setattr(loudness, "_PIECE", frames)
    whole = master(wave, RATE, None, -6.0).samples
    assert levels.peak_dbfs(done - whole) < -100.0


def test_pieces_below_the_ceiling_are_left_as_they_are():
    wave = np.tile(drums(), 30)[:1] * np.float32(0.2)
    wave[:, 100_000:100_100] = 0.9
    done = master(wave, RATE, None, -3.0).samples
    assert true_peak_dbtp(done, RATE) <= -3.0
    kept = done[:, 5 << 18 :] / wave[:, 5 << 18 :]
    assert np.nanmax(kept) - np.nanmin(kept) < 1e-6
    assert np.nanmin(kept) > 0.9


def test_what_is_quiet_behind_drums_keeps_its_level():
    quiet = np.full((2, 3 * RATE), 0.01, np.float32)
    done = master(np.concatenate([drums() * 4, quiet], axis=1), RATE, None, -1.0).samples
    assert done[:, -100:].min() > 0.00999  # the limiter hears all that its work is measured by


def test_with_nothing_to_do_the_very_same_samples_come_back():
    wave = drums()
    assert master(wave, RATE, None, None).samples is wave
    assert master(wave, RATE, integrated_lufs(wave, RATE), 0.0).samples is wave


def test_the_same_mix_is_mastered_to_the_same_bytes():
    first, second = (master(drums(), RATE, -8.0, -1.0).samples for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("frames", [1, 2, 3, 100])
def test_the_shortest_sounds_are_limited_too(frames):
    done = master(np.full((2, frames), 0.99, np.float32), RATE, None, -6.0).samples
    assert done.shape == (2, frames)
    assert true_peak_dbtp(done, RATE) <= -6.0


@pytest.mark.parametrize("frames", [0, 1, 100])
def test_what_is_too_short_for_a_target_is_left_and_said(frames):
    done = master(np.full((2, frames), 0.5, np.float32), RATE, -14.0, -1.0)
    assert done.samples.shape == (2, frames)
    assert "too short to measure" in done.note


@pytest.mark.parametrize(
    ("target", "ceiling"), [(3.0, -1.0), (-14.0, 0.1), (math.nan, -1.0), (-14.0, -math.inf)]
)
def test_targets_off_the_scale_are_refused(target, ceiling):
    with pytest.raises(ParamError, match="outside -70 to 0"):
        master(drums(1.0), RATE, target, ceiling)
