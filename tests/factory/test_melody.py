import numpy as np
import pytest

from factory.engines.speech import Phone
from factory.phones import VOWELS

pytestmark = pytest.mark.usefixtures("engines")
PHONES = [
    Phone(n, 0.3 * i, 0.3 * (i + 1)) for i, n in enumerate(["l", "ae", "l", "iy", "m", "ow", "n", "uw"])
]
TIMES = np.arange(480) * 0.005


@pytest.mark.parametrize("seed", range(4))
def test_a_melody_stays_about_its_centre_and_moves_without_jumps(seed):
    from factory.melody import melody

    semitones = 12 * np.log2(melody(PHONES, TIMES, 220.0, np.random.default_rng(seed)) / 220)
    assert np.abs(semitones).max() < 10.5
    assert np.abs(np.diff(semitones)).max() < 2.5


def test_a_vowel_holds_one_note():
    from factory.melody import melody

    hz = melody(PHONES, TIMES, 220.0, np.random.default_rng(3))
    for phone in PHONES:
        if phone.name in VOWELS:
            held = hz[int(phone.start_s / 0.005) + 10 : int(phone.end_s / 0.005) - 16]
            assert np.ptp(12 * np.log2(held)) < 2.2
