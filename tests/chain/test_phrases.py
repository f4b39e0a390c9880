import numpy as np
import pytest

from svcfx.chain.parametric.level import NEPER
from svcfx.chain.phrases import REACH, extent, gate


def decibels(*runs):
    values = np.concatenate([np.full(frames, db) for frames, db in runs])
    return (np.pad(values, REACH, "edge") * NEPER).astype(np.float32)


def test_sound_passes_and_silence_does_not():
    gains = gate(decibels((30, -20.0), (40, -140.0), (30, -20.0)), -20.0)
    assert gains.shape == (100,)
    assert np.all(gains[:30] == 1.0)
    assert not np.any(gains[30 + REACH : 70 - REACH])


def test_a_border_is_a_smooth_fade_that_keeps_the_sound_whole():
    gains = gate(decibels((30, -20.0), (40, -140.0)), -20.0)
    fade = gains[30 : 30 + REACH + 1]
    assert np.all(np.diff(fade) <= 0)
    assert np.abs(np.diff(gains)).max() < 0.5


def test_the_foot_follows_the_level_but_not_below_90_db():
    assert gate(decibels((20, -75.0)), -10.0).max() < 0.1
    assert gate(decibels((20, -70.0)), -40.0).min() == 1.0
    assert not gate(decibels((20, -90.0)), -60.0).any()


@pytest.mark.bytes
def test_a_frame_depends_on_its_neighbours_alone():
    rng = np.random.default_rng(0)
    loudness = (rng.uniform(-120, -20, 300) * NEPER).astype(np.float32)
    whole = gate(loudness, -20.0)
    part = gate(loudness[100 : 140 + 2 * REACH], -20.0)
    np.testing.assert_array_equal(part, whole[100:140])


def test_extent_is_the_span_that_sounds():
    assert extent(np.array([0, 0, 1, 0, 1, 0], np.float32)) == (2, 5)
    assert extent(np.zeros(4, np.float32)) == (0, 0)
