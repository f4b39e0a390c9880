"""A short lookahead: the same stream for any blocks, soon, and nothing is heard from further ahead."""

import math

import numpy as np
import pytest
from voices.random_nets import random_network

from svcfx.chain.config import VOICE_HOP, ChainSettings
from svcfx.chain.parametric.ear import EarConfig
from svcfx.chain.parametric.reach import SHORT_SLICE
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import AT_REST

RATE = 44_100
SHORT = ChainSettings("vela", lookahead="short", level="card")
MOMENT = round(0.8 * RATE)


@pytest.fixture(scope="module")
def voice():
    return ParametricVoice("random", random_network(2, hearing=EarConfig(width=96, hidden=128)))


@pytest.fixture(scope="module")
def sound():
    when = np.arange(round(1.5 * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(180 * 2 ** (0.4 * np.sin(2 * np.pi * 4 * when) / 12)) / RATE
    made = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12)) * (np.sin(2 * np.pi * when) > -0.6)
    return made.astype(np.float32)


def streamed(voice, sound, block, settings=SHORT, rate=RATE):
    """What a stream gives, and the most frames that it owed after a block."""
    stream, pieces, owed, most = voice.stream(rate, settings), [], 0, 0
    for at in range(0, len(sound), block):
        pieces.append(stream.push(sound[at : at + block], AT_REST))
        owed += len(sound[at : at + block]) - len(pieces[-1])
        most = max(most, owed)
    return np.concatenate([*pieces, stream.flush(AT_REST)]), most


@pytest.fixture(scope="module")
def sung(voice, sound):
    return streamed(voice, sound, len(sound))[0]


@pytest.mark.bytes
@pytest.mark.parametrize("block", [441, 1000, 2646])
def test_blocks_of_any_length_give_the_same_bytes(voice, sound, sung, block):
    assert np.abs(sung).max() > 0.01
    np.testing.assert_array_equal(streamed(voice, sound, block)[0], sung)


@pytest.mark.bytes
def test_a_whole_stem_is_sung_as_a_stream_is(voice, sound, sung):
    np.testing.assert_array_equal(voice.convert(sound, RATE, SHORT), sung)


@pytest.mark.parametrize("rate", [8000.0, 16_000.0, 44_100.0, 96_000.0])
def test_no_more_is_withheld_than_is_said(voice, sound, rate):
    said = voice.latency_seconds(rate, "short")
    assert said < 0.17 < voice.latency_seconds(rate)
    made, most = streamed(voice, sound, 97, rate=rate)
    assert most <= math.ceil(said * rate)
    assert len(made) == len(sound)


def test_nothing_is_heard_from_further_ahead_than_the_latency(voice, sound, sung):
    other = sound.copy()
    other[MOMENT:] = 0.3 * np.random.default_rng(0).standard_normal(len(sound) - MOMENT)
    made = streamed(voice, other, 2646)[0]
    late = math.ceil(voice.latency_seconds(RATE, "short") * RATE)
    np.testing.assert_array_equal(made[: MOMENT - late], sung[: MOMENT - late])
    assert np.abs(made - sung)[MOMENT:].max() > 0.01


def test_a_voice_without_an_ear_says_that_it_lacks_it():
    plain = ParametricVoice("plain", random_network(2))
    assert plain.lacks("lookahead", "short") == "has no short lookahead, so lookahead must be full"


def test_a_seam_of_the_grid_is_no_click(voice):
    """In a steady vowel the largest bend is no larger at the points of the grid than beside them."""
    when = np.arange(2 * RATE) / RATE
    vowel = 0.1 * sum(np.sin(2 * np.pi * 220 * k * when) / k for k in range(1, 9)).astype(np.float32)
    made = voice.convert(vowel, RATE, SHORT)[RATE // 2 : -RATE // 2]
    jumps = np.abs(np.diff(made, 2))
    step = SHORT_SLICE * VOICE_HOP
    place = (np.arange(len(jumps)) + RATE // 2) % step
    near = (place < 30) | (place > step - 30)
    assert jumps[near].max() < 1.5 * jumps[~near].max()
