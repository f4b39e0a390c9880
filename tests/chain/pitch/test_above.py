"""Above the ceiling of upstream's trackers every tracker keeps the octave, or has no answer."""

import numpy as np
import pytest
from chain.pitch.takes import QUICK, RATE, at_frames, harmonic, needs, phrase

from svcfx.chain.analysis import analyse
from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch import above

NAMES = [pytest.param(name, marks=pytest.mark.slow if name == "crepe" else ()) for name in PITCH_NAMES]
NOTES = np.repeat([1045.0, 1080.0, 0.0, 1150.0, 0.0, 1300.0], RATE // 5)
FEWER = np.repeat([1045.0, 1150.0, 1300.0], RATE // 10)
"""Enough for the tracker that takes four seconds a second."""
SWEEP = 500.0 * 2.6 ** np.linspace(0.0, 1.0, 2 * RATE)
VIBRATO = SWEEP * 2.0 ** (0.03 * np.sin(2 * np.pi * 5.5 * np.arange(2 * RATE) / RATE))


def off_by_octaves(f0_hz, truth):
    both = (f0_hz > 0) & (truth > 0)
    return np.abs(np.log2(f0_hz[both] / truth[both]))


@pytest.mark.parametrize("name", NAMES)
def test_high_notes_keep_their_octave_in_phrases(name):
    notes = FEWER if name == "crepe" else NOTES
    found, truth = phrase(harmonic(notes), name), at_frames(notes)
    f0 = np.where(found.voiced > 0, found.f0_hz, 0.0)
    assert off_by_octaves(f0, truth).max() < 0.5
    assert (f0[truth > 0] > 0).mean() > 0.9


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_sweep_up_to_1300_hz_keeps_its_octave(name, noise):
    hiss = noise * np.random.default_rng(3).standard_normal(len(VIBRATO)).astype(np.float32)
    found = phrase(harmonic(VIBRATO) + hiss, name, octave_repair=False)
    off = off_by_octaves(np.where(found.voiced > 0, found.f0_hz, 0.0), at_frames(VIBRATO))
    assert off.max() < 0.5
    assert np.percentile(off, 90) < 30 / 1200


@pytest.mark.parametrize("name", NAMES)
def test_high_notes_keep_their_octave_in_streams(name):
    needs(name)
    notes = FEWER if name == "crepe" else NOTES
    found = analyse(harmonic(notes), RATE, name, octave_repair=False)
    truth = notes[:: RATE // 100][: len(found.f0_hz)]
    assert off_by_octaves(found.f0_hz[: len(truth)], truth).max() < 0.5


@pytest.mark.bytes
def test_what_is_sung_lower_is_left_to_the_bit():
    hz = 150.0 * 6.0 ** np.linspace(0.0, 1.0, RATE)
    audio = harmonic(hz, 16000)
    samples = np.arange(0.0, RATE, 160.0)
    wrong = np.full(len(samples), 77.0)
    np.testing.assert_array_equal(above.octave_held(wrong, audio, samples), wrong)
    hiss = np.diff(np.random.default_rng(1).standard_normal(RATE), 2).astype(np.float32)
    np.testing.assert_array_equal(above.octave_held(wrong, hiss, samples), wrong)
