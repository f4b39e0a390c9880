import itertools

import numpy as np
import pytest

from svcfx.chain.parametric.dynamics import LOUDER, QUIETER, SLOW_UNTIL, Dynamics
from svcfx.chain.parametric.level import NEPER

LEVEL = -20.0


@pytest.fixture(scope="module")
def contours():
    """Source and singer (T,) over five seconds: both move quickly, the source fades by 12 dB as well."""
    random = np.random.default_rng(2)
    base = LEVEL * NEPER
    quick = 0.1 * random.standard_normal((2, 500))
    fade = np.linspace(0.0, -12.0 * NEPER, 500)
    return base + fade + quick[0], base + 0.5 * fade + quick[1]


def followed(contours, follow, cuts=(), closing_from=500):
    dynamics, source_own = Dynamics(LEVEL), np.array(contours)
    edges = [0, *cuts, source_own.shape[1]]
    ceiling = np.where(np.arange(source_own.shape[1]) < closing_from, np.inf, source_own[0])
    pieces = [
        dynamics.follow(first, *source_own[:, first:stop], np.full(stop - first, follow), ceiling[first:stop])
        for first, stop in itertools.pairwise(edges)
    ]
    return np.concatenate(pieces)


def test_1_is_the_source_and_0_the_singer(contours):
    source, own = contours
    np.testing.assert_allclose(followed(contours, 1.0), source)
    np.testing.assert_allclose(followed(contours, 0.0), np.clip(own, source - QUIETER, source + LOUDER))


def test_by_default_the_line_is_the_source_s_and_the_phones_are_the_singer_s(contours):
    source, own = contours
    made = followed(contours, SLOW_UNTIL)
    late = slice(100, None)
    assert abs(np.mean(made[late] - source[late])) < 1.5 * NEPER < abs(np.mean(own[late] - source[late]))
    quick = [np.diff(values) for values in (made, source, own)]
    assert np.corrcoef(quick[0], quick[2])[0, 1] > 0.9
    assert abs(np.corrcoef(quick[0], quick[1])[0, 1]) < 0.4


def test_cuts_and_gaps_change_nothing(contours):
    source, own = (values.copy() for values in contours)
    source[200:260] = -90.0 * NEPER
    whole = followed((source, own), 0.5)
    np.testing.assert_allclose(followed((source, own), 0.5, (32, 64, 150, 480)), whole, atol=1e-12)
    dynamics = Dynamics(LEVEL)
    knob, open_ = np.full(500, 0.5), np.full(500, np.inf)
    dynamics.follow(0, source[:200], own[:200], knob[:200], open_[:200])
    later = dynamics.follow(260, source[260:], own[260:], knob[260:], open_[260:])
    np.testing.assert_allclose(later, whole[260:], atol=1e-12)


def test_pauses_say_nothing_about_dynamics(contours):
    source, own = (values.copy() for values in contours)
    source[200:300] = -80.0 * NEPER
    other = own.copy()
    other[200:300] += 1.0
    np.testing.assert_array_equal(followed((source, own), 0.7)[300:], followed((source, other), 0.7)[300:])


def test_a_release_is_no_louder_than_its_source(contours):
    source, own = contours
    louder = own + 0.6
    made, released = (followed((source, louder), 0.0, closing_from=at) for at in (500, 450))
    np.testing.assert_array_equal(made[:450], released[:450])
    assert (made - source)[450:].min() > 0.0
    np.testing.assert_allclose(released[450:], source[450:])
