import pytest

from factory.phones import INDEX, PHONES, SONORANTS, VOWELS, from_espeak, from_flite


def test_there_are_39_phones_and_a_pause():
    assert len(PHONES) == len(set(PHONES)) == 40
    assert INDEX["pau"] == 0
    assert set(PHONES) > VOWELS | SONORANTS


@pytest.mark.parametrize(
    ("mnemonic", "phone"), [("'aI", "ay"), ("tS", "ch"), ("_:", "pau"), ("3:", "er"), ("t2", "t")]
)
def test_espeak_mnemonics_become_cmu_phones(mnemonic, phone):
    assert from_espeak(mnemonic) == phone


def test_flite_schwa_is_ah_and_unknown_names_are_not_guessed():
    assert from_flite("ax") == "ah"
    with pytest.raises(KeyError):
        from_flite("qq")
    with pytest.raises(KeyError):
        from_espeak("qq")
