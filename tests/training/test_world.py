import numpy as np
import pytest

from svcfx.chain.parametric import bands

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engines")]


def vowel(f0=120.0, formant=700.0, seconds=0.6):
    """A pulse train through one resonance, 16 kHz."""
    from scipy import signal

    pulses = np.zeros(int(16000 * seconds))
    pulses[:: int(16000 / f0)] = 1.0
    radius = np.exp(-np.pi * 80 / 16000)
    poles = [1.0, -2 * radius * np.cos(2 * np.pi * formant / 16000), radius**2]
    audio = signal.lfilter([1.0], poles, pulses)
    return (audio / np.abs(audio).max() * 0.5).astype(np.float32)


def test_pitch_and_formant_of_a_synthetic_vowel_are_found():
    from svcfx.training import world

    analysis = world.analyse(vowel())
    heard = analysis.f0_hz[analysis.f0_hz > 0]
    assert np.median(heard) == pytest.approx(16000 / 133, rel=0.01)
    envelope = world.to_bands(analysis).envelope[20:-20].mean(0)
    assert bands.centres()[np.argmax(envelope)] == pytest.approx(700, rel=0.08)


def test_at_a_known_pitch_the_formant_is_found_too():
    from svcfx.training import world

    analysis = world.analyse_at(vowel(), np.full(60, 16000 / 133))
    envelope = world.to_bands(analysis).envelope
    assert envelope.shape == (60, bands.BANDS)
    assert bands.centres()[np.argmax(envelope[10:-10].mean(0))] == pytest.approx(700, rel=0.08)


def test_resynthesis_keeps_pitch_and_length():
    from svcfx.training import world

    audio = vowel()
    again = world.resynthesise(world.analyse(audio))
    assert abs(len(again) - len(audio)) <= 160
    assert np.median(world.analyse(again).f0_hz) == pytest.approx(16000 / 133, rel=0.02)


def test_above_the_engines_top_the_envelope_falls_as_stated():
    from svcfx.training import world

    flat = world.extend(np.zeros((2, 80)), np.array([True, False]))
    hz, db = bands.centres(), flat / (np.log(10) / 20)
    low, high = np.argmin(abs(hz - 8000)), np.argmin(abs(hz - 10500))
    slope = (db[:, high] - db[:, low]) / (hz[high] - hz[low]) * 1000
    np.testing.assert_allclose(slope, [-2.2, -1.3], atol=0.01)
    assert np.all(flat[:, hz < 6000] == 0)
