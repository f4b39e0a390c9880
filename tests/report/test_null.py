"""The null test finds offset, level and polarity, and leaves what differs, in the octave where it differs."""

import math

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.report import null

RATE = 44_100
RNG = np.random.default_rng(7)


def noise(seconds=2.0, channels=2, rms=0.1):
    return (rms * RNG.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def later(samples, offset):
    return np.pad(samples, ((0, 0), (offset, 0)))


def test_a_recording_nulls_with_itself_to_nothing():
    sound = noise()
    found = null.of(sound, sound, RATE)
    assert (found.offset_samples, found.inverted, found.longer_samples) == (0, False, 0)
    assert found.gain_db == pytest.approx(0.0, abs=1e-6)
    assert found.residual_dbfs < -140
    assert found.level_dbfs == pytest.approx(-20.0, abs=0.1)


@pytest.mark.parametrize("offset", [1, 441, 40_000])
@pytest.mark.parametrize("gain", [0.5, -2.0])
def test_offset_gain_and_polarity_are_found_and_taken_out(offset, gain):
    sound = noise()
    moved = np.float32(gain) * later(sound, offset)
    found = null.of(sound, moved, RATE)
    assert found.offset_samples == offset
    assert found.gain_db == pytest.approx(-20 * math.log10(abs(gain)), abs=1e-3)
    assert found.inverted == (gain < 0)
    assert found.residual_dbfs < -120
    assert found.longer_samples == -offset
    assert null.of(moved, sound, RATE).offset_samples == -offset


def test_what_was_added_is_left_at_its_level_in_its_octave():
    sound = noise()
    when = np.arange(sound.shape[1]) / RATE
    tone = 1e-3 * np.sqrt(2) * np.sin(2 * np.pi * 1000 * when)
    found = null.of((sound + tone).astype(np.float32), sound, RATE)
    assert found.residual_dbfs == pytest.approx(-60.0, abs=0.2)
    left = {band.middle_hz: band.residual_dbfs for band in found.bands}
    assert left[1000.0] == pytest.approx(-60.0, abs=0.2)
    assert all(level < -90 for middle, level in left.items() if middle not in (500.0, 1000.0, 2000.0))


def test_the_bands_add_up_to_the_whole():
    sound = noise()
    found = null.of(sound, noise(), RATE)
    total = 10 * math.log10(sum(10 ** (band.level_dbfs / 10) for band in found.bands))
    assert total == pytest.approx(found.level_dbfs, abs=0.3)  # the last band ends above half of the rate
    assert found.depth_db == pytest.approx(0.0, abs=0.2)  # strangers do not cancel


def test_files_of_other_rates_or_channels_and_silence_are_refused(tmp_path):
    paths = {}
    for name, samples, rate in (
        ("a", noise(0.2), RATE),
        ("slow", noise(0.2), 48_000),
        ("mono", noise(0.2, 1), RATE),
        ("silent", np.zeros((2, 100), np.float32), RATE),
    ):
        paths[name] = tmp_path / f"{name}.wav"
        audio.write(paths[name], samples, rate)
    for other, said in (
        ("slow", "48000 Hz"),
        ("mono", "1, a null test"),
        ("silent", "silent.wav' is silent"),
    ):
        with pytest.raises(InputError, match=said):
            null.of_files(paths["a"], paths[other])
