"""An added vibrato is as deep and as fast as it says, at every moment of a song."""

import numpy as np
import pytest

from svcfx.chain.pitch.vibrato import semitones
from svcfx.chain.voice import AT_REST
from svcfx.lanes import Lane

SECONDS = np.arange(1000) * 0.01


def added(depth, rate=5.5, seconds=SECONDS):
    lanes = {"vibrato_depth": depth, "vibrato_rate": rate}
    curves = {name: v if isinstance(v, Lane) else Lane.constant(v) for name, v in lanes.items()}
    return semitones({**AT_REST, **curves}, seconds)


def test_nothing_is_added_at_0():
    assert not added(0.0).any()
    assert len(added(0.0, seconds=np.zeros(0))) == 0


@pytest.mark.parametrize("rate", [4.0, 5.5, 7.25])
@pytest.mark.parametrize("depth", [20.0, 100.0])
def test_depth_and_rate_are_what_they_say(depth, rate):
    made = added(depth, rate)
    assert 100 * np.abs(made).max() == pytest.approx(depth, rel=0.02)
    loudest = np.argmax(np.abs(np.fft.rfft(made * np.hanning(1000), 16_384)))
    assert loudest / 16_384 * 100 == pytest.approx(rate, abs=0.02)


def test_a_rate_that_stands_still_in_a_lane_is_the_constant():
    lane = Lane(((0.0, 5.5), (0.5, 5.5), (20.0, 5.5)))
    moved = Lane(((0.0, 5.5), (9.99, 5.5), (10.0, 5.6)))
    np.testing.assert_array_equal(added(50.0, lane), added(50.0, 5.5))
    np.testing.assert_allclose(added(50.0, moved), added(50.0, 5.5), atol=1e-9)


def test_a_rate_that_rises_turns_faster_and_never_leaps():
    made = added(100.0, Lane(((0.0, 4.0), (10.0, 8.0))))
    assert np.abs(np.diff(made)).max() < 2 * np.pi * 8.1 * 0.01
    crossings = np.flatnonzero(np.diff(np.signbit(made)))
    assert 4.0 < 50.0 / np.diff(crossings)[:3].mean() < 4.6
    assert 7.5 < 50.0 / np.diff(crossings)[-3:].mean() < 8.5


@pytest.mark.bytes
def test_a_stretch_of_a_song_has_the_same_vibrato_as_the_song():
    rate = Lane(((0.0, 4.0), (10.0, 8.0)))
    np.testing.assert_array_equal(added(40.0, rate)[700:], added(40.0, rate, SECONDS[700:]))
