"""Phrases a little early or late: each as a whole, by no more than was asked, the same for a seed."""

import numpy as np
import pytest

from svcfx import VoiceConversion
from svcfx.errors import ParamError
from svcfx.node.whole import loosened

RATE = 44_100
MOST = 20.0


def takes(count=6):
    """Phrases of 0.7 s with 0.8 s of silence behind each, (frames,), a click in the middle of each."""
    phrase = np.concatenate(
        [0.1 * np.sin(2 * np.pi * 220 * np.arange(int(0.7 * RATE)) / RATE), np.zeros(int(0.8 * RATE))]
    )
    phrase[int(0.35 * RATE)] = 1.0
    return np.tile(phrase, count).astype(np.float32)


def clicks(audio):
    return np.flatnonzero(audio > 0.9)


def test_each_phrase_moves_by_its_own_amount_and_none_by_more():
    audio = takes()
    moved = clicks(loosened(audio, RATE, MOST, 3)) - clicks(audio)
    assert np.abs(moved).max() <= MOST / 1000 * RATE + 1
    assert len(set(moved)) == 6
    assert np.ptp(moved) > 0.2 * MOST / 1000 * RATE


@pytest.mark.bytes
def test_a_phrase_in_its_new_place_is_the_phrase():
    audio = takes()
    made = loosened(audio, RATE, MOST, 3)
    for before, after in zip(clicks(audio), clicks(made), strict=True):
        reach = int(0.3 * RATE)
        np.testing.assert_array_equal(
            made[after - reach : after + reach], audio[before - reach : before + reach]
        )
    assert len(made) == len(audio)


@pytest.mark.bytes
def test_a_seed_moves_the_same_way_each_time_and_another_another_way():
    audio = takes()
    np.testing.assert_array_equal(loosened(audio, RATE, 20.0, 3), loosened(audio, RATE, 20.0, 3))
    assert list(clicks(loosened(audio, RATE, 20.0, 4))) != list(clicks(loosened(audio, RATE, 20.0, 3)))


@pytest.mark.parametrize("frames", [0, 10, RATE])
def test_silence_and_little_of_it_stay(frames):
    assert not loosened(np.zeros(frames, np.float32), RATE, 30.0, 1).any()


def test_a_voice_sings_its_phrases_so_and_hears_nothing_again(synthetic_voice):
    audio = takes(4)
    node = VoiceConversion(synthetic_voice, seed=7)
    plain = node(audio, RATE)
    node.timing_ms = 25.0
    loose = node(audio, RATE)
    np.testing.assert_array_equal(loose, loosened(plain, RATE, 25.0, 7)[: len(plain)])
    assert np.abs(loose - plain).max() > 0.01


def test_a_stream_refuses_it_by_name(synthetic_voice):
    node = VoiceConversion(synthetic_voice, timing_ms=10.0)
    with pytest.raises(ParamError, match="a stream does not know where its phrases begin"):
        node(takes(1)[:1000], RATE, reset=False)
