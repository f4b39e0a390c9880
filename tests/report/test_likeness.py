"""Likeness is that of who sings: 1 to itself, less to another, and none where nothing can be said."""

import sys

import numpy as np
import pytest

from svcfx.report import likeness
from svcfx.training.cloning import similarity

RATE = 22_050
SECONDS = 4.0
NOTES = np.full(round(SECONDS * 100), 57.0)


def sung(hertz, formant):
    """A vowel of a throat whose first formant is there, (1, frames)."""
    when = np.arange(round(SECONDS * RATE)) / RATE
    cycles = hertz * (when + 0.002 * np.sin(2 * np.pi * 5.0 * when))
    parts = (np.sin(2 * np.pi * k * cycles) / (1 + ((k * hertz - formant) / 200) ** 2) for k in range(1, 40))
    return (0.1 * sum(parts))[None].astype(np.float32)


@pytest.fixture
def _judge():
    pytest.importorskip("resemblyzer", reason="the clone extra is not installed")


@pytest.mark.usefixtures("_judge")
def test_a_sound_is_like_itself_at_any_level_and_less_like_another_throat():
    low, high = sung(220.0, 500.0), sung(220.0, 1400.0)
    same = likeness.measure(low, 0.2 * low, NOTES, RATE, "")
    other = likeness.measure(low, high, NOTES, RATE, "")
    assert same.source == pytest.approx(1.0, abs=1e-3)
    assert other.source < same.source - 0.05
    assert same.voice is None


@pytest.mark.usefixtures("_judge")
def test_a_voice_is_more_like_itself_than_its_source_is(synthetic_voice):
    from svcfx import VoiceConversion

    source = sung(220.0, 500.0)
    result = VoiceConversion(voice=synthetic_voice)(source, RATE)
    of_result = likeness.measure(source, result, NOTES, RATE, synthetic_voice)
    of_source = likeness.measure(source, source, NOTES, RATE, synthetic_voice)
    assert of_result.voice > of_source.voice


def test_too_little_singing_and_no_judge_are_told_as_nothing(monkeypatch):
    sound = sung(220.0, 500.0)
    few = NOTES.copy()
    few[100:] = np.nan
    assert likeness.measure(sound, sound, few, RATE, "") is None
    similarity._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    assert likeness.measure(sound, sound, NOTES, RATE, "") is None
