"""Words kept: those of the source that stand in the result in their order, as far as a judge hears any."""

import numpy as np
import pytest

from svcfx.report import words

RATE = 16_000
NOTES = np.full(300, 57.0)
SUNG = ["should", "auld", "acquaintance", "be", "forgot", "and", "never", "brought", "to", "mind"]


@pytest.mark.parametrize(
    ("one", "other", "length"),
    [
        (SUNG, SUNG, len(SUNG)),
        (SUNG, [], 0),
        (SUNG, SUNG[::2], len(SUNG[::2])),
        (SUNG, SUNG[::-1], 1),
        (list("abcab"), list("babc"), 3),
    ],
)
def test_the_longest_sequence_in_both_is_counted_either_way_round(one, other, length):
    assert words.common(one, other) == words.common(other, one) == length


@pytest.fixture
def _hears(monkeypatch):
    """A judge that hears what the level of a sound says: each word at a hundredth of full scale."""

    def heard(_judge, sound, _rate, language):
        return SUNG[: round(100 * float(np.abs(sound).max(initial=0.0)))], language or "en"

    monkeypatch.setattr(words, "_judge", lambda _place: object())
    monkeypatch.setattr(words, "_heard", heard)


def level(count):
    return np.full((1, 3 * RATE), count / 100, np.float32)


@pytest.mark.usefixtures("_hears")
def test_the_share_is_of_what_is_heard_in_the_source():
    assert words.measure(level(10), level(10), NOTES, RATE) == words.Words(1.0, 10)
    assert words.measure(level(10), level(4), NOTES, RATE) == words.Words(0.4, 10)
    assert words.measure(level(5), level(10), NOTES, RATE) == words.Words(1.0, 5)
    assert words.measure(level(3), level(10), NOTES, RATE) is None
    assert words.measure(level(10), level(10), np.full(300, np.nan), RATE) is None


@pytest.mark.usefixtures("_hears")
def test_of_a_long_song_the_stretch_with_the_most_singing_is_judged():
    notes = np.full(9000, np.nan)
    notes[4000:7000] = 57.0  # 30 s from second 40 on
    sound = np.zeros((1, 90 * RATE), np.float32)
    sound[:, 40 * RATE : 70 * RATE] = 0.08
    sound[:, :RATE] = 0.1
    assert words.measure(sound, sound, notes, RATE).heard == 8


def test_without_a_judge_nothing_is_said(home):
    assert words.measure(level(10), level(10), NOTES, RATE) is None
