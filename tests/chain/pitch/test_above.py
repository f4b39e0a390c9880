"""Above the ceiling of upstream's trackers every tracker keeps the octave, or has no answer."""

import numpy as np
import pytest
from chain.pitch.takes import QUICK, RATE, at_frames, harmonic, needs, phrase

from svcfx.chain.analysis import analyse
from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch import above
from svcfx.chain.pitch.families import family_track
from svcfx.chain.pitch.praat import praat_track
from svcfx.chain.pitch.world import world_track

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
    found = phrase(harmonic(VIBRATO) + hiss, name)
    off = off_by_octaves(np.where(found.voiced > 0, found.f0_hz, 0.0), at_frames(VIBRATO))
    assert off.max() < 0.5
    assert np.percentile(off, 90) < 30 / 1200


@pytest.mark.parametrize("name", NAMES)
def test_high_notes_keep_their_octave_in_streams(name):
    needs(name)
    notes = FEWER if name == "crepe" else NOTES
    found = analyse(harmonic(notes), RATE, name, octave_repair=True)
    truth = notes[:: RATE // 100][: len(found.f0_hz)]
    assert off_by_octaves(found.f0_hz[: len(truth)], truth).max() < 0.5


@pytest.mark.bytes
@pytest.mark.parametrize("name", ["dio", "praat"])
def test_without_octave_repair_a_tracker_has_the_word(name):
    needs(name)
    hop, hz = RATE // 100, np.full(RATE, 1300.0)
    audio = harmonic(hz)
    found = family_track(audio, RATE, hop, name, "open", octave_repair=False)
    alone = praat_track(audio, RATE, hop) if name == "praat" else world_track(audio, RATE, hop, name)
    np.testing.assert_array_equal(found, alone[: len(found)])
    in_stream = analyse(audio, RATE, name, octave_repair=False)
    assert not (found > 1100.0).any()
    assert not (in_stream.f0_hz > 1100.0).any()


@pytest.mark.bytes
def test_what_is_sung_lower_is_left_to_the_bit():
    hz = 150.0 * 6.0 ** np.linspace(0.0, 1.0, RATE)
    audio = harmonic(hz, 16000)
    samples = np.arange(0.0, RATE, 160.0)
    wrong = np.full(len(samples), 77.0)
    np.testing.assert_array_equal(above.octave_held(wrong, audio, samples), wrong)
    hiss = np.diff(np.random.default_rng(1).standard_normal(RATE), 2).astype(np.float32)
    np.testing.assert_array_equal(above.octave_held(wrong, hiss, samples), wrong)


@pytest.mark.parametrize("start", range(0, 480, 40))
def test_a_high_note_of_90_ms_is_found_wherever_it_begins(start):
    hz = np.repeat([300.0, 1200.0, 300.0], [4000 + start, 1440, 4000])
    samples = np.arange(0.0, len(hz), 160.0)
    truth = hz[samples.astype(int)]
    wrong = np.where(truth > 1000.0, 600.0, truth)
    held = above.octave_held(wrong, harmonic(hz, 16000), samples, every=above.IN_A_TAKE)
    assert (np.abs(held / 1200.0 - 1.0) < 0.02).sum() >= 3
    np.testing.assert_array_equal(held[:20], truth[:20])


@pytest.mark.bytes
@pytest.mark.parametrize("frames", [1, 3, 6, 8, 60])
def test_a_note_that_stays_is_held_alike_however_many_frames_are_looked_at(frames):
    audio = harmonic(np.full(1100 + 160 * frames, 1200.0), 16000)
    samples, wrong = np.arange(frames) * 160.0, np.full(frames, 600.0)
    few, all_of_them = (above.octave_held(wrong, audio, samples, every=n) for n in (above.IN_A_TAKE, 1))
    np.testing.assert_array_equal(few, all_of_them)
    assert frames < 60 or (few > 1000.0).sum() > 50
