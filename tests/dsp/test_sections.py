"""A moving key becomes sections that stand still, with borders where the glides begin."""

from itertools import pairwise

import numpy as np
import pytest

from svcfx.dsp.sections import sections
from svcfx.errors import ParamError
from svcfx.lanes import Lane

RATE = 44_100


@pytest.mark.parametrize("interpolation", ["step", "smooth"])
def test_a_key_change_is_a_border_where_it_begins(interpolation):
    cut = sections(Lane(((0.0, 0.0), (2.0, 2.0), (3.5, -3.0)), interpolation, 10.0), 5 * RATE, RATE)
    assert [part.semitones for part in cut] == [0.0, 2.0, -3.0]
    for part, second in zip(cut, (0.0, 2.0, 3.5), strict=True):
        assert 0 <= part.start / RATE - second < 0.001


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_a_stepping_lane_is_cut_to_the_sample(rate):
    at = 1.23456
    cut = sections(Lane(((0.0, 0.0), (at, 1.0)), "step"), 3 * rate, rate)
    assert cut[1].start == int(np.ceil(at * rate))


@pytest.mark.parametrize("stairs", [True, False])
def test_sections_leave_no_gap_and_neighbours_differ(stairs):
    points = tuple((0.3 * i, float(i % 5) - 2) for i in range(20))
    cut = sections(Lane(points, "linear"), 7 * RATE, RATE, stairs=stairs)
    assert (cut[0].start, cut[-1].stop) == (0, 7 * RATE)
    assert all(a.stop == b.start and a.semitones != b.semitones for a, b in pairwise(cut))


def test_a_long_glide_as_stairs_is_near_the_lane():
    lane = Lane(((0.0, 0.0), (1.0, 0.0), (2.0, 2.0), (3.0, 2.0)), "linear")
    cut = sections(lane, 3 * RATE, RATE, stairs=True)
    for part in cut:
        middle = np.array([(part.start + part.stop) / 2 / RATE])
        assert abs(lane.at(middle)[0] - part.semitones) <= 0.25
    assert len(cut) == 10


def test_a_glide_is_one_section_with_the_keys_that_it_joins():
    lane = Lane(
        ((0.0, 0.0), (1.0, 0.0), (3.0, 2.0), (4.0, 2.0), (5.0, -1.0), (6.0, -1.0), (6.0, 3.0), (7.0, 3.0))
    )
    cut = sections(lane, 7 * RATE, RATE)
    assert [(part.glides, round(part.start / RATE, 1)) for part in cut] == [(False, 0), (True, 1), (False, 6)]
    assert (cut[0].semitones, cut[2].semitones) == (0.0, 3.0)


def test_a_glide_that_leaps_is_a_staircase():
    lane = Lane(((0.0, 1.0), (1.0, 1.0), (1.2, 3.0), (3.0, 3.0)))
    assert not any(part.glides for part in sections(lane, 3 * RATE, RATE))


def test_less_than_half_a_cent_is_no_shift():
    assert [part.semitones for part in sections(Lane.constant(0.004), 100, RATE)] == [0.0]


def test_no_frames_have_no_sections():
    assert sections(Lane.constant(2.0), 0, RATE) == ()


@pytest.mark.parametrize("semitones", [25.0, -24.5])
def test_a_key_beyond_two_octaves_is_refused(semitones):
    with pytest.raises(ParamError, match=f"{semitones:g} st, outside -24 to 24 st"):
        sections(Lane.constant(semitones), 100, RATE)
