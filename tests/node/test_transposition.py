"""Which octave suits a singer: the nearest that brings the melody into the range, and a reason."""

import numpy as np
import pytest

import svcfx
from svcfx.chain.pitch import Pitch, PitchReport
from svcfx.node.transposition import best_octave, suggest

RATE = 44_100


def heard(low, median, high):
    return PitchReport(0.5, median, low, high, 0.9)


@pytest.mark.parametrize(
    ("sung", "span", "octaves"),
    [
        ((110, 150, 210), (200, 800), 1),
        ((110, 150, 210), (100, 400), 0),
        ((440, 600, 900), (80, 350), -2),
        ((100, 150, 200), (3000, 9000), 3),
    ],
)
def test_the_octave_is_the_nearest_that_fits(sung, span, octaves):
    assert best_octave(sung, *span) == octaves


@pytest.mark.parametrize("low", [147.0, 155.0, 165.0])
def test_two_semitones_of_creak_do_not_cost_an_octave(low):
    assert best_octave((low, 220.0, 330.0), 165.0, 880.0) == 0


def test_a_low_voice_goes_one_octave_up_and_not_two_for_its_lowest_notes():
    assert best_octave((75.0, 110.0, 150.0), 165.0, 880.0) == 1


@pytest.mark.parametrize("creak_hz", [40.0, 70.0])
def test_frames_whose_pitch_is_not_sure_do_not_decide(creak_hz):
    f0 = np.concatenate([np.full(70, 220.0), np.full(30, creak_hz)])
    confidence = np.concatenate([np.full(70, 0.95), np.full(30, 0.6)])
    found = Pitch(f0, confidence, np.ones(100, bool)).sure().report(0.8)
    assert found.low_hz == found.high_hz == 220.0


def test_where_nearly_nothing_is_sure_all_that_is_voiced_decides():
    f0 = np.linspace(100.0, 200.0, 100)
    heard = Pitch(f0, np.full(100, 0.6), np.ones(100, bool))
    assert heard.sure().report() == heard.report()


def test_of_two_octaves_that_fit_the_smaller_move_is_taken():
    assert best_octave((200.0, 220.0, 240.0), 100.0, 1000.0) == 0


def test_the_reason_names_both_ranges_and_whether_it_fits():
    fits = suggest(heard(110.0, 150.0, 210.0), "mei", 200.0, 800.0)
    assert (fits.semitones, fits.reason) == (
        12.0,
        "+12 semitones suits mei's 200 to 800 Hz: it is sung at 110 to 210 Hz, in the middle 150 Hz",
    )
    assert "comes nearest to" in suggest(heard(60.0, 400.0, 2000.0), "mei", 200.0, 400.0).reason


def test_silence_stays_where_it_is():
    found = suggest(PitchReport(0.0, 0.0, 0.0, 0.0, 0.0), "mei", 200.0, 800.0)
    assert found.semitones == 0.0
    assert "nothing is sung" in found.reason


@pytest.mark.parametrize(("hertz", "semitones"), [(55.0, 12.0), (220.0, 0.0), (1320.0, -12.0)])
def test_a_node_hears_the_stem_and_reads_the_card(synthetic_voice, hertz, semitones):
    when = np.arange(RATE) / RATE
    tone = sum(np.sin(2 * np.pi * hertz * k * when) / k for k in range(1, 9)).astype(np.float32) * 0.1
    node = svcfx.VoiceConversion(synthetic_voice)
    assert node.suggest_transpose(np.stack([tone, tone]), RATE).semitones == semitones
    assert node.suggest_transpose(np.zeros(0, np.float32), RATE).semitones == 0.0
    assert node.transpose_semitones == 0.0
