"""The meter is the standard's: its filters to the float, its gates, and how audio is cut changes nothing."""

import math

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from svcfx.dsp.gated import GatedLoudness

ITU_48_KHZ = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
"""BS.1770-4, tables 1 and 2."""


def measured(sound, rate, block=None):
    meter = GatedLoudness(rate, len(sound))
    for start in range(0, sound.shape[1], block or sound.shape[1]):
        meter.push(sound[:, start : start + (block or sound.shape[1])])
    return meter.lufs


@pytest.fixture(scope="module")
def song():
    """Noise that swells, with a rest below both gates, 30.27 s at 48 kHz."""
    frames = round(30.27 * 48_000)
    noise = 0.05 * np.random.default_rng(0).standard_normal((2, frames))
    noise *= 1.0 + 0.9 * np.sin(np.arange(frames) / 48_000)
    noise[:, 96_000:400_000] *= 1e-4
    return noise.astype(np.float32)


def test_the_filters_are_those_of_the_standards_tables(song):
    heard = signal.sosfilt(ITU_48_KHZ, song.astype(np.float64))
    hops = np.square(heard)[:, : heard.shape[1] // 4800 * 4800].reshape(2, -1, 4800).mean(2).sum(0)
    blocks = np.lib.stride_tricks.sliding_window_view(hops, 4).mean(1)
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    kept = loud[loud > loud.mean() / 10]
    assert measured(song, 48_000) == pytest.approx(-0.691 + 10 * math.log10(kept.mean()), abs=1e-9)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_gated_loudness_agrees_with_pyloudnorm(song, rate):
    # pyloudnorm rounds the shelf to 1.5 kHz and the high-pass to 38 Hz.
    assert measured(song, rate) == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(song.T), abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_a_sine_of_997_hz_at_full_scale_is_minus_3_01_at_any_rate(rate):
    sine = np.sin(2 * np.pi * 997 * np.arange(2 * rate) / rate).astype(np.float32)
    assert measured(sine[None], rate) == pytest.approx(-3.01, abs=0.1)  # EBU Tech 3341


@pytest.mark.parametrize("block", [1_000, 7_777, 67_200, 500_000])
def test_how_audio_is_cut_changes_no_bit(song, block):
    assert measured(song, 48_000, block) == measured(song, 48_000)


@pytest.mark.parametrize("gain", [0.001, 0.3, 4.0])
def test_loudness_at_a_gain_is_that_of_the_audio_times_it(song, gain):
    before, behind = GatedLoudness(48_000, 2), GatedLoudness(48_000, 2)
    before.push(song)
    behind.push(song * gain)
    assert before.lufs_at(gain) == pytest.approx(behind.lufs, abs=1e-5)


def test_asking_in_between_changes_nothing_behind(song):
    meter = GatedLoudness(48_000, 2)
    for start in range(0, song.shape[1], 100_000):
        meter.push(song[:, start : start + 100_000])
        assert meter.lufs < 0.0
    assert meter.lufs == measured(song, 48_000)


@pytest.mark.parametrize(
    ("levels_dbfs", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_the_loudness_range_is_that_of_the_standards_signals(levels_dbfs, range_lu):
    """EBU Tech 3342, table 1: 1 kHz in stereo, 20 s at each level; within 1 LU, says the standard."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(20 * 16_000) / 16_000)
    sound = np.concatenate([10 ** (level / 20) * tone for level in levels_dbfs])
    meter = GatedLoudness(16_000, 2)
    meter.push(np.stack([sound, sound]).astype(np.float32))
    assert meter.range_lu == pytest.approx(range_lu, abs=0.3)


def test_what_is_too_short_or_silent_has_no_range():
    meter = GatedLoudness(16_000, 1)
    assert meter.range_lu == 0.0
    meter.push(np.zeros((1, 16_000 * 5), np.float32))
    assert meter.range_lu == 0.0
