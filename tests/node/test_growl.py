"""A growl puts lines half way between a voice's partials, as strong as it says, and nothing elsewhere."""

import numpy as np
import pytest

from svcfx import VoiceConversion
from svcfx.chain.voice import AT_REST
from svcfx.errors import ParamError
from svcfx.lanes import Lane
from svcfx.node.growl import growled

RATE = 44_100
HZ = 196.0


@pytest.fixture(scope="module")
def vowel():
    t = np.arange(3 * RATE) / RATE
    return (0.05 * sum(np.sin(2 * np.pi * HZ * k * t) / k for k in range(1, 20))).astype(np.float32)


def made(sound, growl):
    lane = growl if isinstance(growl, Lane) else Lane.constant(growl)
    return growled(sound, RATE, {**AT_REST, "growl": lane})


def between_db(sound, hz=HZ):
    """How far the lines half way lie below the partials beside them, by power, from the 2nd to the 8th."""
    part = sound[RATE // 2 : -RATE // 2]
    spectrum = np.square(np.abs(np.fft.rfft(part * np.hanning(len(part)))))

    def line(at):
        middle = round(at * len(part) / RATE)
        return spectrum[middle - 20 : middle + 21].sum()

    half = sum(line((k + 0.5) * hz) for k in range(2, 9))
    whole = sum(0.25 * np.square(np.sqrt(line(k * hz)) + np.sqrt(line((k + 1) * hz))) for k in range(2, 9))
    return 10 * np.log10(half / whole)


@pytest.mark.parametrize("growl", [0.2, 0.5, 1.0])
def test_lines_half_way_are_as_strong_as_it_says_and_the_level_stays(vowel, growl):
    """Both neighbours of a line give half the growl of their amplitude, in phase or against each other."""
    sound = made(vowel, growl)
    assert between_db(sound) - between_db(made(vowel, 1.0)) == pytest.approx(20 * np.log10(growl), abs=1.0)
    level = [10 * np.log10(np.mean(np.square(one))) for one in (sound, vowel)]
    assert level[0] == pytest.approx(level[1], abs=0.4)
    assert between_db(vowel) < -60


@pytest.mark.bytes
def test_at_0_and_without_a_pitch_every_bit_stays(vowel):
    np.testing.assert_array_equal(made(vowel, 0.0), vowel)
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.1
    np.testing.assert_array_equal(made(noise, 1.0), noise)
    assert not made(np.zeros(1000, np.float32), 1.0).any()
    lane = Lane(((0.0, 0.0), (1.5, 0.0), (1.6, 1.0)))
    moved = made(vowel, lane)
    np.testing.assert_array_equal(moved[: int(1.5 * RATE)], vowel[: int(1.5 * RATE)])
    assert np.abs(moved - vowel)[2 * RATE :].max() > 0.01


def test_a_voice_growls_and_a_stream_refuses(synthetic_voice, vowel):
    node = VoiceConversion(synthetic_voice)
    plain = between_db(node(vowel, RATE))
    node.growl = 0.8
    assert between_db(node(vowel, RATE)) > plain + 15
    with pytest.raises(ParamError, match="growl needs what follows"):
        node(vowel[:1000], RATE, reset=False)
