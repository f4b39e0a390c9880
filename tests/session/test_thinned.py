"""Curves of many points as lines of few."""

import numpy as np
import pytest

from svcfx.lanes import Lane
from svcfx.session.thinned import thinned

STEP = 1 / 127


def controller(values, each_seconds, levels=127, glide_ms=20.0):
    """What a controller plays that is sent every `each_seconds`, from 0 to 1."""
    steps = np.round(np.asarray(values) * levels) / levels
    is_sent = np.diff(steps, prepend=np.nan) != 0
    points = [(at * each_seconds, float(steps[at])) for at in np.flatnonzero(is_sent)]
    return Lane(tuple(points), "smooth", glide_ms)


def apart(lane, other):
    """The most that two lanes differ, anywhere."""
    when = np.arange(lane.points[0][0] - 0.1, lane.points[-1][0] + 0.2, 0.00037)
    return np.abs(lane.at(when) - other.at(when)).max()


def hand(seconds, each_seconds, random):
    """A fader that a hand moves."""
    walk = np.cumsum(random.standard_normal(round(seconds / each_seconds)))
    slow = np.convolve(walk, np.hanning(201) / 100.0, "same")
    return (slow - slow.min()) / np.ptp(slow)


@pytest.mark.parametrize(
    ("seed", "each_seconds", "levels", "glide_ms"),
    [(1, 0.01, 127, 20.0), (2, 0.001, 127, 20.0), (3, 0.005, 16383, 10.0), (4, 0.02, 127, 20.0)],
)
def test_a_hands_moves_become_fewer_points_within_a_step_of_the_controller(
    seed, each_seconds, levels, glide_ms
):
    lane = controller(hand(30.0, each_seconds, np.random.default_rng(seed)), each_seconds, levels, glide_ms)
    few = thinned(lane, STEP)
    assert len(few.points) < len(lane.points)
    assert apart(lane, few) <= STEP


def test_a_straight_fade_is_two_points():
    few = thinned(controller(np.linspace(0.0, 1.0, 400), 0.01), STEP)
    assert (len(few.points), few.interpolation) == (2, "linear")


def test_steps_stay_the_steps_that_they_are():
    lane = controller(np.arange(3000) // 100 % 3 / 2, 0.01)
    assert thinned(lane, STEP) is lane
    still = Lane(((1.0, 0.5),), "smooth")
    assert thinned(still, STEP) is still


def test_noise_from_event_to_event_is_never_further_away_than_is_said():
    lane = controller(np.random.default_rng(5).random(20_000), 0.001)
    assert apart(lane, thinned(lane, STEP)) <= STEP
