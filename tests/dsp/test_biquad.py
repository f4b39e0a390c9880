"""Filters of second order that change with every sample."""

from itertools import pairwise

import numpy as np
import pedalboard
import pytest

from svcfx.dsp import biquad

RATE = 44_100
SHAPES = {
    "peak": pedalboard.PeakFilter,
    "low shelf": pedalboard.LowShelfFilter,
    "high shelf": pedalboard.HighShelfFilter,
}
NOISE = (0.3 * np.random.default_rng(0).standard_normal((2, 64 * 120))).astype(np.float32)


def held(value, frames):
    return np.full(frames, float(value))


@pytest.mark.parametrize(
    ("hz", "gain_db", "q"), [(500, 12, 4), (3000, -9, 0.7), (150, 6, 1), (15_000, -12, 2)]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_filter_that_stands_still_is_pedalboards(shape, hz, gain_db, q):
    frames = NOISE.shape[1]
    asked = biquad.coefficients(shape, held(hz, frames), held(gain_db, frames), held(q, frames), RATE)
    found = biquad.play(NOISE, asked, np.zeros((2, 2)))
    np.testing.assert_allclose(found, SHAPES[shape](hz, gain_db, q)(NOISE, RATE), atol=3e-4)


def one_by_one(samples, coefficients):
    """The recursion as it is written."""
    found, one, two = [], 0.0, 0.0
    for sample, (b0, b1, b2, a1, a2) in zip(samples.astype(np.float64), coefficients.T, strict=True):
        found.append(b0 * sample + one)
        one, two = b1 * sample - a1 * found[-1] + two, b2 * sample - a2 * found[-1]
    return np.array(found)


def test_one_that_moves_is_the_recursion_sample_by_sample():
    frames = NOISE.shape[1]
    hz = np.geomspace(100, 8000, frames)
    asked = biquad.coefficients("peak", hz, np.linspace(-18, 18, frames), np.linspace(0.5, 20, frames), RATE)
    found = biquad.play(NOISE, asked, np.zeros((2, 2)))
    for channel, samples in enumerate(NOISE):
        assert np.abs(found[channel] - one_by_one(samples, asked)).max() < 1e-6


@pytest.mark.bytes
def test_pieces_are_the_whole():
    frames = NOISE.shape[1]
    hz, gain_db, q = np.geomspace(2000, 60, frames), held(9, frames), held(3, frames)
    asked = biquad.coefficients("low shelf", hz, gain_db, q, RATE)
    state = np.zeros((2, 2))
    cuts = [0, 64, 64 * 20, 64 * 21, frames]
    pieces = [
        biquad.play(NOISE[:, start:stop], asked[:, start:stop], state) for start, stop in pairwise(cuts)
    ]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), biquad.play(NOISE, asked, np.zeros((2, 2))))
