import numpy as np
import pytest

from svcfx.chain.parametric import bands
from svcfx.dsp.weighting import a_weight


def bump(hz: float) -> np.ndarray:
    return np.exp(-((np.log2(bands.centres() / hz) / 0.15) ** 2))


def peak_hz(curve: np.ndarray) -> float:
    fine = np.geomspace(100, 15000, 4000)
    return float(fine[np.argmax(bands.interpolation(fine) @ curve)])


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.25])
def test_a_warp_moves_a_formant_by_its_factor(factor):
    assert peak_hz(bands.warp(factor) @ bump(1500.0)) == pytest.approx(1500.0 * factor, rel=0.05)


@pytest.mark.parametrize("semitones", [-5.0, 4.0])
def test_shifted_formants_move_by_semitones_and_frames_move_alone(semitones):
    envelope = np.stack([bump(1200.0), bump(1200.0)]).astype(np.float32)
    moved = bands.shift_formants(envelope, np.array([0.0, semitones]))
    np.testing.assert_allclose(moved[0], envelope[0], atol=1e-5)
    assert peak_hz(moved[1]) == pytest.approx(1200.0 * 2 ** (semitones / 12), rel=0.05)


def test_no_shift_is_the_envelope_itself():
    envelope = np.ones((3, 80), np.float32)
    assert bands.shift_formants(envelope, 0.0) is envelope


def test_sharpening_by_one_changes_nothing_and_smoothing_keeps_a_constant():
    np.testing.assert_allclose(bands.sharpening(1.0), np.eye(80), atol=1e-12)
    np.testing.assert_allclose(bands.smoothing(7) @ np.ones(80), 1.0)


@pytest.mark.bytes
def test_a_frame_is_smoothed_the_same_among_any_others():
    envelope = np.random.default_rng(3).normal(0.0, 2.0, (50, bands.BANDS)).astype(np.float32)
    whole = bands.smoothed(envelope, 7)
    np.testing.assert_allclose(whole, envelope @ bands.smoothing(7).T, atol=1e-5)
    for first, last in ((0, 1), (7, 20), (13, 50)):
        np.testing.assert_array_equal(bands.smoothed(envelope[first:last], 7), whole[first:last])


def test_a_weight_is_zero_at_one_kilohertz_and_falls_below():
    at = a_weight(np.array([1000.0, 100.0])) / (np.log(10) / 20)
    np.testing.assert_allclose(at, [0.0, -19.1], atol=0.1)
