import numpy as np
import pytest

from svcfx.errors import InputError
from svcfx.training.parametric import bank, heldout, texts, words
from svcfx.training.parametric.speech import EngineVoice

pytestmark = pytest.mark.slow


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


def test_the_generator_refuses_a_held_out_voice():
    with pytest.raises(InputError, match="held out"):
        bank._source("any words", EngineVoice("flite", "awb"))


def test_no_variant_of_the_material_is_held_out():
    assert not heldout.NAMES & {*words.VARIANTS, *bank.VALIDATION_VARIANTS}
    assert not {*words.VARIANTS} & {*bank.VALIDATION_VARIANTS}


def test_drawn_voices_are_never_held_out():
    random = np.random.default_rng(1)
    drawn = [bank.espeak_voice(random, validation) for validation in (False, True) for _ in range(100)]
    assert not any(heldout.is_held_out_voice(voice) for voice in drawn)


@pytest.mark.skipif(not texts.LICENCES.exists(), reason="Debian's common licences are not installed")
def test_training_texts_repeat_and_share_no_four_words_with_the_test():
    made = [texts.sentence(i, 1) for i in range(100)]
    assert made == [texts.sentence(i, 1) for i in range(100)]
    assert len(set(made)) == 100
    assert not any(heldout.is_held_out_text(text) for text in made)
