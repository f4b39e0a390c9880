import numpy as np
import pytest

from factory.engines.speech import EngineVoice, speak

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engines")]


@pytest.fixture(scope="module")
def source(engines):
    from factory.rendition import prepare

    return prepare(speak("golden morning", EngineVoice("flite", "slt")))


@pytest.mark.parametrize("kind", ["natural", "sung", "spoken"])
def test_a_performance_repeats_from_its_seed_and_its_phones_fit_its_audio(source, kind):
    from factory import rendition

    perform = getattr(rendition, kind)
    one, again = (perform(source, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.audio, again.audio)
    assert [p.name for p in one.phones] == [p.name for p in source.phones]
    assert one.phones[-1].end_s == pytest.approx(len(one.audio) / 16000, abs=0.03)
    assert len(one.f0_hz) == pytest.approx(len(one.audio) / 80, abs=4)


def test_singing_holds_vowels_about_the_asked_pitch(source):
    from factory import rendition
    from svcfx.training import world

    performance = rendition.sung(source, np.random.default_rng(1), centre_hz=330.0)
    assert performance.phones[-1].end_s > source.phones[-1].end_s
    heard = performance.f0_hz[performance.f0_hz > 0]
    assert 330 * 2 ** (-10 / 12) < np.median(heard) < 330 * 2 ** (10 / 12)
    found = world.analyse(performance.audio, ceiling_hz=900.0).f0_hz
    both = (performance.f0_hz[: len(found)] > 0) & (found[: len(performance.f0_hz)] > 0)
    cents = 1200 * np.log2(found[: len(both)][both] / performance.f0_hz[: len(both)][both])
    assert np.median(abs(cents)) < 15


def test_a_recording_keeps_length_and_stays_in_range(source):
    from factory.channel import record

    for seed in range(12):
        made = record(source.audio, np.random.default_rng(seed))
        assert made.shape == source.audio.shape
        assert np.isfinite(made).all()
        assert np.abs(made).max() <= 10 ** (-1 / 20) + 1e-6
