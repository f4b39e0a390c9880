"""Figures of pitch are laws: what moved shows by how much, what missed shows how often."""

import numpy as np
import pytest

from svcfx.report import intonation

NAN = float("nan")


def melody(frames=600):
    """MIDI numbers that wander, with a rest of 100 frames."""
    notes = 60.0 + 3.0 * np.sin(np.arange(frames) / 40.0)
    notes[200:300] = NAN
    return notes


@pytest.mark.parametrize("semitones", [-12, -0.5, 0, 1, 7])
def test_a_melody_moved_as_asked_has_no_error(semitones):
    source = melody()
    found = intonation.measure(source, source + semitones, np.full(len(source), float(semitones)))
    assert found.moved_cents == pytest.approx(100 * semitones)
    assert found.error_cents == pytest.approx(0.0, abs=1e-9)
    assert (found.gpe, found.vde, found.ffe, found.octave_jumps) == (0.0, 0.0, 0.0, 0)
    assert found.voiced_seconds == pytest.approx(5.0)


def test_flat_by_20_cents_is_an_error_of_20_cents_and_no_gross_one():
    source = melody()
    found = intonation.measure(source, source - 0.2, np.zeros(len(source)))
    assert found.error_cents == pytest.approx(20.0)
    assert found.gpe == 0.0


def test_frames_over_a_fifth_away_are_gross_and_frames_voiced_in_one_alone_are_decisions():
    source = melody()
    result = source.copy()
    result[:50] += 3.5  # 1.22 times the frequency
    result[50:100] += 3.0  # 1.19 times
    result[500:560] = NAN
    found = intonation.measure(source, result, np.zeros(len(source)))
    assert found.gpe == pytest.approx(50 / 440)
    assert found.vde == pytest.approx(60 / 600)
    assert found.ffe == pytest.approx(110 / 600)


def test_octave_jumps_are_counted_by_run_and_a_blip_is_none():
    source = melody()
    result = source.copy()
    result[10:40] += 12
    result[100:130] -= 12
    result[150:153] += 12
    assert intonation.measure(source, result, np.zeros(len(source))).octave_jumps == 2


def test_silence_has_no_cents():
    nothing = np.full(50, NAN)
    found = intonation.measure(nothing, nothing, np.zeros(50))
    assert (found.moved_cents, found.error_cents, found.ffe) == (None, None, 0.0)
