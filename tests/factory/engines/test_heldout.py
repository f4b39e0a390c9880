import pytest

from factory import texts
from factory.engines import heldout
from factory.engines.speech import EngineVoice
from svcfx.errors import InputError


@pytest.mark.parametrize("voice", heldout.VOICES, ids=lambda v: v.key)
def test_held_out_voices_are_refused_in_every_accent(voice):
    with pytest.raises(InputError, match="held out"):
        heldout.refuse("any words", voice)
    variant = voice.name.split("+")[-1]
    with pytest.raises(InputError, match="held out"):
        heldout.refuse("any words", EngineVoice("espeak", f"en-gb-scotland+{variant}", 140, 60))


@pytest.mark.parametrize("text", [*heldout.SENTENCES, *(p.words for p in heldout.SUNG)])
def test_held_out_texts_are_refused_even_in_part(text):
    with pytest.raises(InputError, match="held out"):
        heldout.refuse("so " + text.lower(), EngineVoice("flite", "slt"))


def test_there_are_twelve_sentences_six_phrases_and_five_voices():
    assert (len(heldout.SENTENCES), len(heldout.SUNG), len(heldout.VOICES)) == (12, 6, 5)


@pytest.mark.skipif(not texts.LICENCES.exists(), reason="Debian's common licences are not installed")
def test_texts_repeat_and_share_no_four_words_with_the_test():
    made = [texts.sentence(i, 1) for i in range(100)]
    assert made == [texts.sentence(i, 1) for i in range(100)]
    assert len(set(made)) == 100
    assert not any(heldout.is_held_out_text(text) for text in made)
