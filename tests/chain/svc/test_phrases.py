import numpy as np
import pytest

from svcfx.chain.svc import phrases

RATE = 8000


def joined(cut, total):
    out = np.zeros(total)
    for phrase in cut:
        first, gains = phrases.gains(phrase, total, RATE)
        out[first : first + len(gains)] += gains
    return out


def noise(seconds):
    return 0.1 * np.random.default_rng(0).standard_normal(int(RATE * seconds)).astype(np.float32)


def test_two_sounds_apart_are_two_phrases_that_hold_all_of_them():
    audio = np.concatenate([noise(1.0), np.zeros(2 * RATE, np.float32), noise(1.5)])
    first, second = phrases.cut(audio, RATE)
    assert first.start == 0
    assert RATE <= first.stop <= 1.5 * RATE
    assert 2.5 * RATE <= second.start <= 3 * RATE
    assert second.stop == len(audio)


@pytest.mark.bytes
def test_a_phrase_hears_its_own_run_and_silence_around_it():
    audio = np.concatenate([np.zeros(RATE, np.float32), noise(1.0), np.zeros(RATE, np.float32)])
    (phrase,) = phrases.cut(audio, RATE)
    pad = RATE // 2
    heard = phrase.heard(audio, pad)
    assert len(heard) == phrase.stop - phrase.start + 2 * pad
    np.testing.assert_array_equal(heard[pad:-pad], audio[phrase.start : phrase.stop])
    assert not heard[:pad].any()
    assert not heard[-pad:].any()


@pytest.mark.bytes
def test_a_long_run_is_cut_where_it_is_quietest_and_both_sides_hear_across():
    audio = noise(35.0)
    audio[14 * RATE : 14 * RATE + RATE // 10] *= 0.01
    cut = phrases.cut(audio, RATE)
    assert cut[0].stop == pytest.approx(14.05 * RATE, abs=RATE / 20)
    assert all(p.stop - p.start <= phrases.LONGEST_SECONDS * RATE for p in cut)
    assert [p.start for p in cut[1:]] == [p.stop for p in cut[:-1]]
    pad = RATE // 2
    np.testing.assert_array_equal(cut[0].heard(audio, pad)[-2 * pad :], audio[cut[0].stop - pad :][: 2 * pad])


def test_gains_of_a_cut_run_add_to_one_and_fade_beside_it():
    audio = np.concatenate([np.zeros(RATE, np.float32), noise(45.0), np.zeros(RATE, np.float32)])
    cut = phrases.cut(audio, RATE)
    assert len(cut) >= 3
    total = joined(cut, len(audio))
    np.testing.assert_allclose(total[cut[0].start : cut[-1].stop], 1.0, atol=1e-6)
    assert np.all(np.diff(total[: cut[0].start]) >= -1e-7)
    assert np.abs(np.diff(total)).max() < 0.05
    assert total[0] == total[-1] == 0.0


@pytest.mark.parametrize("audio", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)])
def test_silence_has_no_phrases(audio):
    assert phrases.cut(audio, RATE) == []


def test_a_breath_fifty_decibels_down_is_sung_too():
    audio = np.concatenate([noise(1.0), np.zeros(RATE, np.float32), noise(1.0) * np.float32(10**-2.5)])
    assert len(phrases.cut(audio, RATE)) == 2
