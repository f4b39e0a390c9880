"""Lanes: a value at any time, no jump where none was asked for."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcfx.errors import ParamError
from svcfx.lanes import Curve, Lane, SampledLane

POINTS = ((1.0, 0.0), (2.0, 10.0), (4.0, -10.0))
KINDS = ("step", "linear", "smooth")


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_value_holds_before_and_the_last_after(kind):
    lane = Lane(POINTS, kind)
    assert lane.at(np.array([-5.0, 0.0, 1.0])).tolist() == [0.0, 0.0, 0.0]
    assert lane.at(np.array([5.0, 1e6])).tolist() == [-10.0, -10.0]


def test_a_step_holds_until_the_next_point_and_changes_at_it():
    assert Lane(POINTS, "step").at(np.array([1.999, 2.0, 3.999, 4.0])).tolist() == [0.0, 10.0, 10.0, -10.0]


def test_a_line_is_straight():
    assert Lane(POINTS).at(np.array([1.25, 1.5, 3.0])).tolist() == [2.5, 5.0, 0.0]


def test_a_glide_starts_at_its_point_and_takes_its_time():
    lane = Lane(POINTS, "smooth", smooth_ms=100.0)
    values = lane.at(np.array([1.9999, 2.0, 2.05, 2.1, 3.0]))
    np.testing.assert_allclose(values, [0.0, 0.0, 5.0, 10.0, 10.0], atol=1e-9)


def _steepest(lane: Lane, start: float, end: float, step: float = 1e-5) -> float:
    return float(np.max(np.abs(np.diff(lane.at(np.arange(start, end, step)))))) / step


def test_a_glide_cut_short_by_the_next_point_goes_on_without_a_jump():
    lane = Lane(((0.0, 0.0), (1.0, 12.0), (1.03, -12.0), (1.05, 0.0)), "smooth", smooth_ms=100.0)
    # A raised cosine of height h and length T is at most h pi / 2T steep; three overlap here.
    assert _steepest(lane, 0.9, 1.3) < (12 + 24 + 12) * math.pi / 0.2
    np.testing.assert_allclose(lane.at(np.array([1.15, 2.0])), 0.0, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(-24.0, 24.0)), min_size=1, max_size=30),
    st.floats(1.0, 2000.0),
)
def test_a_smooth_lane_is_the_sum_of_its_glides(points, smooth_ms):
    ordered = tuple(sorted(points, key=lambda point: point[0]))
    when = np.linspace(-1.0, 8.0, 2001)
    expected = np.full(when.shape, ordered[0][1])
    for (_, before), (time, after) in itertools.pairwise(ordered):
        phase = np.clip((when - time) / (smooth_ms / 1000), 0.0, 1.0)
        expected += (after - before) * (0.5 - 0.5 * np.cos(np.pi * phase))
    np.testing.assert_allclose(Lane(ordered, "smooth", smooth_ms).at(when), expected, atol=1e-9)


def test_two_points_at_one_time_are_a_jump():
    lane = Lane(((0.0, 1.0), (1.0, 1.0), (1.0, 5.0)), "step")
    assert lane.at(np.array([0.999, 1.0])).tolist() == [1.0, 5.0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_shifted_lane_is_the_same_lane_later(kind):
    lane, when = Lane(POINTS, kind), np.linspace(0, 6, 100)
    np.testing.assert_allclose(lane.shift(0.5).at(when + 0.5), lane.at(when), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_the_values_have_the_shape_of_the_times(kind, shape):
    values = Lane(POINTS, kind).at(np.full(shape, 2.5))
    assert (values.shape, values.dtype) == (shape, np.float64)


def test_a_long_lane_is_read_at_every_sample_in_time():
    points = tuple((index * 0.01, float(index % 128)) for index in range(30_000))  # 5 minutes of CC
    assert len(Lane(points, "smooth").at(np.arange(0, 300, 1 / 4410))) == 1_323_000


def test_constant_lanes_know_it():
    assert Lane.constant(3.0).at(np.array([-1.0, 0.0, 9.0])).tolist() == [3.0, 3.0, 3.0]
    assert Lane.constant(3.0).is_constant
    assert Lane(((0.0, 1.0), (9.0, 1.0))).is_constant
    assert not Lane(POINTS).is_constant


@pytest.mark.parametrize(
    ("points", "kind", "smooth_ms", "message"),
    [
        ((), "step", 20.0, "no points"),
        (((1.0, 0.0), (0.5, 1.0)), "step", 20.0, "not in time order"),
        (((0.0, math.nan),), "step", 20.0, "not finite"),
        (((math.inf, 0.0),), "step", 20.0, "not finite"),
        (((0.0, 0.0),), "cubic", 20.0, "allowed are step, linear, smooth"),
        (((0.0, 0.0),), "smooth", 0.0, "smooth_ms is 0 ms"),
        (((0.0, 0.0),), "smooth", math.nan, "smooth_ms is nan ms"),
    ],
)
def test_a_lane_that_has_no_meaning_is_refused(points, kind, smooth_ms, message):
    with pytest.raises(ParamError, match=message):
        Lane(points, kind, smooth_ms)


@pytest.mark.bytes
def test_a_sampled_lane_asked_in_pieces_is_the_whole_line():
    random = np.random.default_rng(3)
    values, rate, start = random.standard_normal(500), 44.1, -0.7
    lane = SampledLane(values, rate, start)
    seconds = np.sort(random.uniform(start - 1.0, start + 500 / rate + 1.0, 2000))
    whole = np.interp((seconds - start) * rate, np.arange(500), values)
    pieces = [lane.at(piece) for piece in np.array_split(seconds, [0, 1, 7, 400, 1999])]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_an_array_is_one_value_a_sample():
    lane = SampledLane(np.array([0.0, 1.0, 2.0]), 10.0)
    np.testing.assert_allclose(lane.at(np.array([-1.0, 0.0, 0.05, 0.1, 9.0])), [0.0, 0.0, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(lane.shift(1.0).at(np.array([1.1])), [1.0])
    assert not lane.is_constant
    assert SampledLane(np.ones(4), 10.0).is_constant


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros((2, 3)), np.array([0.0, math.nan])])
def test_an_array_that_is_no_curve_is_refused(values):
    with pytest.raises(ParamError, match="sampled lane"):
        SampledLane(values, 44_100)


def test_both_are_curves():
    assert isinstance(Lane(POINTS), Curve)
    assert isinstance(SampledLane(np.ones(1), 1.0), Curve)


@pytest.mark.parametrize("interpolation", ["step", "linear", "smooth"])
def test_whole_numbers_are_numbers(interpolation):
    times = np.linspace(-0.5, 2.0, 101)
    whole, real = (
        Lane(points, interpolation).at(times) for points in (((0, 0), (1, -6)), ((0.0, 0.0), (1.0, -6.0)))
    )
    np.testing.assert_array_equal(whole, real)
    assert whole[-1] == -6.0


@pytest.mark.parametrize(
    "points", [((0, "loud"),), ((0,),), ((0, 1, 2),), (5,), ((None, 1.0),), ((b"\x90", 0.5),)]
)
def test_a_point_that_is_no_pair_of_numbers_is_refused(points):
    with pytest.raises(ParamError, match="must be a pair of numbers"):
        Lane(points)


@pytest.mark.parametrize("kind", KINDS)
def test_outside_its_turns_a_lane_is_made_of_straight_lines(kind):
    points = np.random.default_rng(5).uniform((0.0, -6.0), (40.0, 6.0), (40, 2))
    lane = Lane(tuple(sorted(map(tuple, points))), kind, smooth_ms=150.0)
    when = np.arange(0.0, 41.0, 0.001)
    bend = np.abs(np.diff(lane.at(when), 2)) > 1e-9
    turning = np.any([(when >= start - 0.002) & (when <= end + 0.002) for start, end in lane.turns], axis=0)
    assert bend.any()
    assert not (bend & ~turning[1:-1]).any()
