"""f0 between tracker and generator: bins, gaps, lengths, filters."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from svcfx.chain.pitch import gaps
from svcfx.chain.vits import pitch

TRACK = st.lists(st.sampled_from([0.0, 110.0, 220.0, 330.0]), min_size=1, max_size=30).map(np.array)


@pytest.mark.parametrize("rule", ["clamped", "wrapped"])
def test_bins_rise_with_pitch_from_1_to_255(rule: pitch.PitchBins) -> None:
    bins = pitch.bins(torch.linspace(0.0, 1100.0, 2000), rule)
    assert (bins.diff() >= 0).all()
    assert pitch.bins(torch.tensor([0.0, 37.0, 50.0, 1100.0]), rule).tolist() == [1, 1, 1, 255]


def test_above_the_range_one_rule_stays_and_the_other_wraps() -> None:
    high = torch.tensor([1102.0, 1104.0, 3000.0])
    assert pitch.bins(high, "clamped").tolist() == [255, 255, 255]
    assert pitch.bins(high, "wrapped").tolist() == [255, 0, 0]


@given(TRACK)
def test_bridging_keeps_what_is_sung_and_leaves_no_gap(f0: np.ndarray) -> None:
    filled = gaps.bridged(f0)
    np.testing.assert_array_equal(filled.f0_hz[f0 > 0], f0[f0 > 0])
    np.testing.assert_array_equal(filled.voiced, f0 > 0)
    assert (filled.f0_hz > 0).all() == (f0 > 0).any()


@given(TRACK)
def test_the_forks_filling_stays_between_the_pitches(f0: np.ndarray) -> None:
    filled = gaps.reached_early(f0)
    np.testing.assert_array_equal(filled.voiced, f0 > 0)
    assert filled.f0_hz.max() <= f0.max()
    if (f0[:-1] > 0).any():
        assert (filled.f0_hz > 0).all()


def test_the_forks_line_reaches_the_next_pitch_one_frame_early() -> None:
    np.testing.assert_allclose(
        gaps.reached_early(np.array([100.0, 0, 0, 400, 0])).f0_hz, [100, 250, 400, 400, 400]
    )
    np.testing.assert_allclose(
        gaps.reached_early(np.array([0.0, 0, 300, 0, 90])).f0_hz, [300, 300, 300, 300, 300]
    )


def test_stretching_a_track_to_its_own_length_leaves_it() -> None:
    f0 = np.array([0.0, 100.0, 200.0, 0.0, 300.0])
    np.testing.assert_allclose(gaps.stretched(f0, 5), f0)
    np.testing.assert_allclose(gaps.stretched(f0, 10), [0, 0, 100, 150, 200, 0, 0, 0, 300, 300])
    np.testing.assert_allclose(gaps.picked(f0, 10), np.repeat(f0, 2))


def test_a_melody_without_its_mean_has_no_key() -> None:
    f0 = torch.tensor([200.0, 0.0, 300.0, 250.0])
    voiced = (f0 > 0).float()
    normed = pitch.without_mean(pitch.log_f0(f0), voiced)
    assert float((normed * voiced).sum()) == pytest.approx(0.0, abs=1e-6)
    silent = torch.zeros(4)
    assert torch.equal(pitch.without_mean(silent, silent), silent)


def test_filters_pass_over_what_does_not_count() -> None:
    values = np.array([[1.0, 9.0, 2.0, np.nan, np.nan, np.nan, 4.0]])
    np.testing.assert_allclose(gaps.median3(values), [[1, 2, 2, 2, np.nan, 4, 4]])
    np.testing.assert_allclose(gaps.mean3(values), [[5, 4, 5.5, 2, np.nan, 4, 4]])
