"""The pitch names of the so-vits-svc families, on tones whose pitch is known."""

import numpy as np
import pytest

from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch import crepe_path
from svcfx.chain.pitch.families import family_track

RATE, HOP = 44100, 512


def tone(hz, seconds):
    phase = 2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE
    return (0.1 * sum(np.sin(k * phase) / k for k in range(1, 9))).astype(np.float32)


@pytest.mark.parametrize("name", [name for name in PITCH_NAMES if name != "crepe"])
@pytest.mark.parametrize("hz", [110.0, 392.0])
def test_a_tone_has_its_pitch_at_any_level(name, hz):
    audio = tone(hz, 0.5)
    found = family_track(audio, RATE, HOP, name)
    assert found.shape == (len(audio) // HOP,)
    assert abs(1200 * np.log2(np.median(found[found > 0]) / hz)) < 12
    np.testing.assert_allclose(family_track(audio / 64, RATE, HOP, name), found, rtol=1e-6)


@pytest.mark.parametrize("name", PITCH_NAMES)
def test_silence_has_no_pitch(name):
    np.testing.assert_array_equal(
        family_track(np.zeros(HOP * 3 + 5, np.float32), RATE, HOP, name), np.zeros(3)
    )


def test_the_likeliest_path_passes_over_a_single_leap():
    activation = np.full((9, 360), 0.01, np.float32)
    activation[:, 150] = 0.6
    activation[4, 210] = 0.7
    np.testing.assert_array_equal(crepe_path._path(activation), np.full(9, 150))


def test_no_random_state_is_touched():
    before = np.random.get_state()[1].copy()
    family_track(tone(220.0, 0.1), RATE, HOP, "crepe-tiny")
    np.testing.assert_array_equal(np.random.get_state()[1], before)
