"""Where recordings are cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcfx.training.prepare.slicing import LEAST_SECONDS, MOST_SECONDS, Span, pieces

SUNG, SILENT = 1e-2, 1e-9


def _power(*parts: tuple[float, float]) -> np.ndarray:
    """Parts of (seconds, mean square)."""
    return np.concatenate([np.full(round(100 * seconds), power) for seconds, power in parts])


def test_silence_gives_no_piece():
    assert pieces(np.zeros(500)) == []
    assert pieces(_power((5.0, SILENT))) == []


def test_phrases_are_joined_over_short_pauses_and_cut_at_long_ones():
    power = _power((3, SUNG), (1, SILENT), (4, SUNG), (6, SILENT), (7, SUNG))
    assert [(span.start, span.stop) for span in pieces(power)] == [(0, 822), (1378, 2100)]


def test_a_long_sound_is_cut_where_it_is_quietest():
    power = _power((9, SUNG), (0.3, SUNG / 20), (17, SUNG), (0.3, SUNG / 20), (10, SUNG))
    spans = pieces(power)
    assert 900 <= spans[0].stop <= 930
    assert any(2630 <= span.stop <= 2660 for span in spans)


def test_a_noisy_floor_counts_as_a_pause():
    floor = SUNG / 10**3.2
    assert len(pieces(_power((6, SUNG), (3, floor), (6, SUNG)))) == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.05, 40.0), st.sampled_from([SUNG, SUNG / 30, SILENT])), min_size=1, max_size=8
    )
)
def test_pieces_lie_in_order_hold_all_that_is_sung_and_none_is_too_long(parts):
    power = _power(*parts)
    spans = pieces(power)
    assert all(a.stop <= b.start for a, b in pairwise(spans))
    assert all(0 <= span.start < span.stop <= len(power) for span in spans)
    assert all(span.frames <= 100 * MOST_SECONDS for span in spans)
    inside = np.zeros(len(power), np.bool_)
    for span in spans:
        inside[span.start : span.stop] = True
    assert inside[power == SUNG].all()


@pytest.mark.parametrize("seconds", [15.1, 16.0, 29.0, 47.3, 300.0])
def test_no_cut_of_a_long_sound_leaves_a_short_end(seconds):
    random = np.random.default_rng(3)
    spans = pieces(SUNG * random.uniform(0.5, 2.0, round(100 * seconds)))
    assert min(span.frames for span in spans) >= 100 * LEAST_SECONDS
    assert spans[0].start == 0
    assert spans[-1] == Span(spans[-1].start, round(100 * seconds))
