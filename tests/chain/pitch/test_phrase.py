"""The sung line of a phrase, by every tracker and by the rules of both families."""

import numpy as np
import pytest
from chain.pitch.takes import HOP, QUICK, RATE, at_frames, harmonic, phrase

from svcfx.chain.config import PITCH, PITCH_NAMES
from svcfx.chain.pitch import rmvpe, tracker
from svcfx.errors import MissingPartError

RULES = ("early", "bridged")


@pytest.mark.parametrize("gaps", RULES)
@pytest.mark.parametrize("name", PITCH_NAMES)
@pytest.mark.parametrize("frames", [0, 1, 511, 1000, 2800, 5000])
def test_silence_and_clicks_have_no_pitch_and_no_nan(name, gaps, frames):
    click = np.zeros(frames, np.float32)
    click[frames // 2 : frames // 2 + 1] = 0.5
    for audio in (np.zeros(frames, np.float32), click):
        found = phrase(audio, name, gaps)
        np.testing.assert_array_equal(found.f0_hz, np.zeros(frames // HOP))
        np.testing.assert_array_equal(found.voiced, np.zeros(frames // HOP))


@pytest.mark.parametrize("name", QUICK)
def test_a_glide_is_followed_without_running_late_or_early(name):
    up = 200.0 * 2.0 ** np.linspace(0.0, 1.0, 2 * RATE)
    cents = [1200 * np.log2(phrase(harmonic(f), name).f0_hz / at_frames(f))[12:-12] for f in (up, up[::-1])]
    early_ms = np.median(cents[0] - cents[1]) / 2 / 0.6
    assert abs(early_ms) < 4.5
    assert np.percentile(np.abs(cents), 95) < 14


@pytest.mark.parametrize("name", QUICK)
def test_both_families_hear_the_same_note_between_two_rests(name):
    hz = np.where((np.arange(RATE) > 0.3 * RATE) & (np.arange(RATE) < 0.8 * RATE), 300.0, 0.0)
    note = slice(30, 65)
    breath = 0.003 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    audio = harmonic(hz) + breath * (hz > 0)  # 4.1 calls silent what has nothing between its harmonics
    for gaps in RULES:
        found = phrase(audio, name, gaps)
        assert found.voiced[note].all()
        assert np.abs(1200 * np.log2(found.f0_hz[note] / 300)).max() < 12
        assert (found.f0_hz > 0).all()  # rests are filled


def test_crepe_calls_nothing_unvoiced_in_the_fork_and_rests_unvoiced_in_41():
    hz = np.where(np.arange(RATE) < 0.5 * RATE, 300.0, 0.0)
    audio = harmonic(hz) + (0.003 * np.random.default_rng(0).standard_normal(RATE) * (hz > 0)).astype("f")
    assert phrase(audio, "crepe-tiny", "early").voiced.all()
    rests = phrase(audio, "crepe-tiny", "bridged").voiced
    assert rests[5:38].all()
    assert not rests[50:].any()


def test_no_random_state_is_touched():
    before = np.random.get_state()[1].copy()
    phrase(harmonic(np.full(RATE // 5, 220.0)), "crepe-tiny")
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("name", ["pm", "parselmouth", "praat"])
def test_praat_is_known_by_the_names_that_people_type(name):
    assert PITCH.check(name) == "praat"


def test_rmvpe_without_its_weights_says_how_they_come(monkeypatch):
    monkeypatch.setattr(rmvpe.places, "_rmvpe", [])
    with pytest.raises(MissingPartError, match="rmvpe needs weights that are not here") as caught:
        tracker("rmvpe")
    assert "svcfx voices pull rmvpe" in caught.value.hint
