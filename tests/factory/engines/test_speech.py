import numpy as np
import pytest

from factory.engines.speech import EngineVoice, speak
from factory.phones import INDEX
from svcfx.errors import InputError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engines")]
TEXT = "seven bright lanterns"
VOICES = [EngineVoice("flite", "slt"), EngineVoice("flite", "kal16"), EngineVoice("espeak", "en-us+f2")]


@pytest.mark.parametrize("voice", VOICES, ids=lambda v: v.key)
def test_phones_are_in_order_and_cover_the_audio(voice):
    said = speak(TEXT, voice)
    assert said.audio.dtype == np.float32
    assert 0.01 < np.abs(said.audio).max() <= 1
    assert said.phones[0].start_s == 0
    assert said.phones[-1].end_s == pytest.approx(len(said.audio) / said.rate)
    for one, following in zip(said.phones, said.phones[1:], strict=False):
        assert one.start_s < one.end_s == following.start_s
    assert {phone.name for phone in said.phones} <= set(INDEX)


@pytest.mark.parametrize("voice", VOICES, ids=lambda v: v.key)
def test_both_engines_say_the_same_phones(voice):
    consonants = "".join(p.name for p in speak(TEXT, voice).phones if p.name in tuple("svbrnltz"))
    assert consonants == "svnbrtlntnz"


def test_where_an_ess_is_labelled_there_is_hiss_and_not_in_a_vowel():
    said = speak("see saw see saw", EngineVoice("espeak", "en-us+f2"))

    def brightness(name):
        pieces = [p for p in said.phones if p.name == name]
        cut = [(int((p.start_s + 0.02) * said.rate), int((p.end_s - 0.02) * said.rate)) for p in pieces]
        heard = [said.audio[first:last] for first, last in cut]
        return np.mean([np.mean(np.diff(c) ** 2) / np.mean(c**2) for c in heard])

    assert brightness("s") > 5 * brightness("iy")


def test_the_same_text_is_the_same_samples_whatever_was_said_before():
    voice = EngineVoice("espeak", "en-us+m1")
    first = speak("hello", voice)
    speak("something else", EngineVoice("espeak", "en-us+klatt3"))
    np.testing.assert_array_equal(speak("hello", voice).audio, first.audio)


@pytest.mark.parametrize("voice", [EngineVoice("flite", "nobody"), EngineVoice("espeak", "xx-nowhere")])
def test_an_unknown_voice_is_refused_and_not_replaced(voice):
    with pytest.raises(InputError, match="has no voice"):
        speak(TEXT, voice)
