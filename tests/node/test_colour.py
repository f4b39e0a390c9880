"""Tension, effort and breath of a sound, each by the amount that was asked, and nothing at 0."""

from itertools import pairwise

import numpy as np
import pytest

from svcfx import VoiceConversion
from svcfx.chain.voice import AT_REST, first_up
from svcfx.errors import ParamError
from svcfx.lanes import Lane
from svcfx.node.colour import NAMES, coloured

RATE = 44_100


def curves(**knobs):
    return {**AT_REST, **{n: v if isinstance(v, Lane) else Lane.constant(v) for n, v in knobs.items()}}


def made(sound, seed=0, **knobs):
    return coloured(sound, RATE, curves(**knobs), seed)


@pytest.fixture(scope="module")
def hiss():
    return (0.05 * np.random.default_rng(0).standard_normal(3 * RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def vowel():
    t = np.arange(3 * RATE) / RATE
    return (0.05 * sum(np.sin(2 * np.pi * 196 * k * t) / k for k in range(1, 60))).astype(np.float32)


def slope(after, before):
    """dB per octave by which the spectrum tilted between 200 and 8000 Hz."""
    hz = np.fft.rfftfreq(len(before), 1 / RATE)
    power = [np.square(np.abs(np.fft.rfft(sound))) for sound in (after, before)]
    edges = 200.0 * 2.0 ** (np.arange(17) / 3)
    bands = [(hz >= low) & (hz < high) for low, high in pairwise(edges)]
    change = [10 * np.log10(power[0][band].sum() / power[1][band].sum()) for band in bands]
    return np.polyfit(np.arange(16) / 3, change, 1)[0]


def decibels(sound):
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))


def harmonicity(sound, hz=196):
    """Harmonics to noise in dB, by the correlation of a period with the next."""
    lag = RATE / hz
    spectrum = np.square(np.abs(np.fft.rfft(sound, 2 * len(sound))))
    counted = np.arange(len(sound), len(sound) - 2 * round(lag), -1)
    correlation = np.fft.irfft(spectrum)[: 2 * round(lag)] / counted
    peak = correlation[round(lag) - 2 : round(lag) + 3].max() / correlation[0]
    return 10 * np.log10(peak / max(1.0 - peak, 1e-9))


@pytest.mark.parametrize("tension", [-6.0, -2.0, 3.0, 6.0])
def test_tension_tilts_by_what_it_says_and_keeps_the_level(hiss, vowel, tension):
    assert slope(made(hiss, tension=tension), hiss) == pytest.approx(tension, abs=0.2)
    for sound in (hiss, vowel):
        assert decibels(made(sound, tension=tension)) == pytest.approx(decibels(sound), abs=0.3)


@pytest.mark.parametrize("effort", [-12.0, 6.0])
def test_effort_is_level_and_a_tilt_that_follows_it(hiss, effort):
    louder = made(hiss, dynamics=effort)
    assert decibels(louder) - decibels(hiss) == pytest.approx(effort, abs=0.3)
    assert slope(louder, hiss) == pytest.approx(0.2 * effort, abs=0.2)


def test_breath_takes_harmonics_away_step_by_step_and_keeps_the_level(vowel):
    steps = [made(vowel, breath=share) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    ratios = [harmonicity(sound) for sound in steps]
    assert all(after < before - 1.0 for before, after in pairwise(ratios))
    assert ratios[-1] < -3.0
    for sound in steps:
        assert decibels(sound) == pytest.approx(decibels(vowel), abs=0.7)


def test_breath_keeps_the_bands_of_a_vowel(vowel):
    edges = ((150, 800), (800, 2500), (2500, 8000))
    hz = np.fft.rfftfreq(len(vowel), 1 / RATE)
    for low, high in edges:
        band = (hz >= low) & (hz < high)
        sounds = (vowel, made(vowel, breath=1.0))
        before, after = (np.square(np.abs(np.fft.rfft(sound)))[band].sum() for sound in sounds)
        assert 10 * np.log10(after / before) == pytest.approx(0.0, abs=3.0)


@pytest.mark.bytes
def test_where_all_stand_at_0_every_bit_stays(vowel):
    assert not first_up(curves(), NAMES)
    np.testing.assert_array_equal(made(vowel), vowel)
    for name, top in (("tension", 6.0), ("breath", 1.0), ("dynamics", -6.0)):
        lane = Lane(((0.0, 0.0), (1.5, 0.0), (2.0, top)))
        moved = made(vowel, **{name: lane})
        assert first_up(curves(**{name: lane}), NAMES) == name
        np.testing.assert_array_equal(moved[: int(1.45 * RATE)], vowel[: int(1.45 * RATE)])
        assert np.abs(moved - vowel)[2 * RATE :].max() > 1e-3


@pytest.mark.bytes
def test_breath_is_the_seed_s_and_silence_stays_silent(vowel):
    np.testing.assert_array_equal(made(vowel, 3, breath=0.5), made(vowel, 3, breath=0.5))
    assert np.abs(made(vowel, 4, breath=0.5) - made(vowel, 3, breath=0.5)).max() > 1e-3
    assert not made(np.zeros(5000, np.float32), breath=1.0, tension=6.0).any()
    assert len(made(vowel[:10], tension=6.0)) == 10


def test_a_step_of_tension_has_no_click(vowel):
    moved = made(vowel, tension=Lane(((0.0, 0.0), (1.5, 6.0)), "step"))
    steady = np.abs(np.diff(made(vowel, tension=6.0))).max()
    assert np.abs(np.diff(moved)).max() < 1.1 * max(steady, np.abs(np.diff(vowel)).max())


def test_a_voice_is_coloured_and_a_stream_refuses(synthetic_voice, vowel):
    node = VoiceConversion(synthetic_voice)
    plain = node(vowel, RATE)
    node.tension = 4.0
    assert slope(node(vowel, RATE), plain) == pytest.approx(4.0, abs=0.7)
    with pytest.raises(ParamError, match="tension needs what follows, which a stream does not know"):
        node(vowel[:1000], RATE, reset=False)
