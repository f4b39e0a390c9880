"""Altered copies: as far as they say, and the same for the same seed."""

import numpy as np
import pytest
from training.prepare.sung import RATE, melody

from svcfx.chain.pitch.phrase import phrase_f0
from svcfx.errors import ParamError
from svcfx.training.prepare.alteration import (
    EQ_DB,
    EQ_HZ,
    KINDS,
    SEMITONES,
    SPEEDS,
    Alteration,
    Choices,
    alter,
    drawn,
)  # fmt: skip


def _median_note(voice):
    found = phrase_f0(voice, RATE, 512, "swift", gaps="bridged", octave_repair=True)
    return float(np.median(12 * np.log2(found.f0_hz[found.voiced > 0])))


def test_what_is_drawn_depends_on_seed_sound_and_copy_alone():
    choices = Choices(KINDS, copies=3, seed=5)
    made = [drawn(choices, sound, copy) for sound in ("aa", "bb") for copy in range(3)]
    assert made == [drawn(choices, sound, copy) for sound in ("aa", "bb") for copy in range(3)]
    assert len({change.seed for change in made}) == 6
    assert drawn(Choices(KINDS, copies=3, seed=6), "aa", 0) != made[0]


def test_every_draw_lies_in_its_range_and_only_what_was_asked_for_changes():
    made = [drawn(Choices(KINDS, noise_snr_db=20.0), "aa", copy) for copy in range(200)]
    assert all(SPEEDS[0] <= change.speed <= SPEEDS[1] for change in made)
    assert all(abs(change.semitones) <= SEMITONES for change in made)
    assert all(abs(db) <= EQ_DB for change in made for db in change.eq_db)
    assert np.std([change.speed for change in made]) > 0.04
    plain = drawn(Choices(("noise",)), "aa", 0)
    assert (plain.speed, plain.semitones, plain.eq_db, plain.noise_snr_db) == (1.0, 0.0, (), 30.0)


@pytest.mark.parametrize("speed", [0.9, 1.0732])
def test_speed_is_that_of_a_tape(speed):
    voice = melody(3.0)
    made = alter(voice, RATE, Alteration(speed=speed))
    assert len(made) == pytest.approx(len(voice) / speed, abs=1)
    assert _median_note(made) - _median_note(voice) == pytest.approx(12 * np.log2(speed), abs=0.1)


def test_pitch_moves_and_the_length_stays():
    voice = melody(3.0)
    made = alter(voice, RATE, Alteration(semitones=-1.5))
    assert len(made) == len(voice)
    assert _median_note(made) - _median_note(voice) == pytest.approx(-1.5, abs=0.15)


def test_noise_lies_as_far_below_as_stated():
    voice = melody(2.0)
    noise = alter(voice, RATE, Alteration(noise_snr_db=25.0, seed=3)) - voice
    ratio = np.square(voice, dtype=np.float64).mean() / np.square(noise, dtype=np.float64).mean()
    assert 10 * np.log10(ratio) == pytest.approx(25.0, abs=0.2)


def test_an_equaliser_gives_each_of_its_bands_its_gain_and_moves_no_sample():
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 0.01
    gains = (6.0, -6.0, 3.0, 0.0, -2.0)
    made = alter(click, RATE, Alteration(eq_db=gains))
    assert np.argmax(np.abs(made)) == RATE // 2
    found = 20 * np.log10(np.abs(np.fft.rfft(made)) / 0.01)
    np.testing.assert_allclose([found[round(hz)] for hz in EQ_HZ], gains, atol=0.1)


def test_loud_copies_stay_below_full_scale():
    voice = melody(1.0)
    loud = voice / np.abs(voice).max()
    assert np.abs(alter(loud, RATE, Alteration(eq_db=(6.0,) * 5))).max() <= 0.99


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kinds": ("sped",)}, "'sped' \\(did you mean 'speed'"),
        ({"kinds": ("eq",), "copies": 0}, "copies is 0, outside 1 to 20"),
        ({"kinds": ("noise",), "noise_snr_db": -3.0}, "outside 0 to 80 dB"),
    ],
)
def test_choices_that_cannot_be_are_refused(wrong, words):
    with pytest.raises(ParamError, match=words):
        Choices(**wrong)
