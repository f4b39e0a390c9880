import numpy as np
import pytest

from svcfx.chain.pitch import octaves
from svcfx.chain.pitch.octaves import repair


def padded(f0):
    return np.concatenate([np.zeros(octaves.LOOKBACK), f0, np.zeros(octaves.LOOKAHEAD)])


def melody(frames=200):
    """A line with vibrato and a portamento of a fifth."""
    t = np.arange(frames)
    glide = 7 * (0.5 + 0.5 * np.tanh((t - 100) / 6))
    return 220 * 2 ** ((glide + 0.5 * np.sin(t / 3)) / 12)


def test_a_line_without_errors_is_left_as_it_is():
    np.testing.assert_array_equal(repair(padded(melody())), melody())


@pytest.mark.parametrize("factor", [2.0, 0.5])
@pytest.mark.parametrize("length", [1, 3, 8, 10])
@pytest.mark.parametrize("start", [40, 97])
def test_short_octave_errors_are_mended(factor, length, start):
    wrong = melody()
    wrong[start : start + length] *= factor
    np.testing.assert_allclose(repair(padded(wrong)), melody(), rtol=1e-12)


@pytest.mark.parametrize("factor", [2.0, 0.5])
@pytest.mark.parametrize("length", [11, 15, 40])
def test_a_leap_of_an_octave_that_lasts_survives(factor, length):
    leap = melody()
    leap[60 : 60 + length] *= factor
    np.testing.assert_array_equal(repair(padded(leap)), leap)


def test_a_leap_of_an_octave_for_good_survives():
    leap = melody()
    leap[50:] *= 2
    np.testing.assert_array_equal(repair(padded(leap)), leap)


def test_an_octave_between_rests_survives():
    sung = melody()
    sung[55:60] = sung[66:70] = 0
    sung[60:66] *= 2
    np.testing.assert_array_equal(repair(padded(sung)), sung)


@pytest.mark.parametrize("place", [slice(30, 34), slice(166, 170)])
def test_a_slip_at_the_edge_of_a_note_is_mended(place):
    right = melody()
    right[:30] = right[170:] = 0
    wrong = right.copy()
    wrong[place] *= 0.5
    np.testing.assert_allclose(repair(padded(wrong)), right, rtol=1e-12)


def test_a_short_fifth_is_no_octave_error():
    sung = melody()
    sung[60:66] *= 1.5
    np.testing.assert_array_equal(repair(padded(sung)), sung)


@pytest.mark.bytes
def test_windows_agree_wherever_they_are_cut():
    rng = np.random.default_rng(1)
    f0 = melody(400) * 2.0 ** rng.choice([0, 0, 0, 0, 1, -1], 400)
    f0[rng.random(400) < 0.1] = 0
    whole = repair(padded(f0))
    full = padded(f0)
    cuts = [repair(full[i : i + 32 + octaves.LOOKBACK + octaves.LOOKAHEAD]) for i in range(0, 400 - 31, 32)]
    np.testing.assert_array_equal(np.concatenate(cuts), whole[: len(cuts) * 32])
