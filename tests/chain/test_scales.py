import pytest

from svcfx.chain.scales import CHROMATIC, STEPS, note_name, note_number, note_of, scale
from svcfx.errors import ParamError
from svcfx.midi import KeySignature


@pytest.mark.parametrize("text", ["A minor", "a  MINOR ", "C major", "B# major", "G mixolydian"])
def test_the_white_keys_have_many_names(text):
    assert [note for note, inside in enumerate(scale(text).notes) if inside] == [0, 2, 4, 5, 7, 9, 11]


def test_sharps_and_flats_meet():
    assert scale("Bb major").notes == scale("A# major").notes == scale("B♭ major").notes
    assert scale("Cb major").notes == scale("B major").notes


def test_no_scale_is_all_twelve_notes():
    assert all(scale("").notes)


@pytest.mark.parametrize("fifths", range(-7, 8))
@pytest.mark.parametrize("minor", [False, True])
def test_the_name_of_a_key_signature_is_a_scale(fifths, minor):
    found = scale(KeySignature(0, 0.0, fifths, minor).name)
    white = {(note * 7) % 12 for note in range(-1 + fifths, 6 + fifths)}
    assert {note for note, inside in enumerate(found.notes) if inside} == white


@pytest.mark.parametrize("name", STEPS)
def test_every_scale_rises_from_its_tonic(name):
    steps = scale(f"D {name}").steps
    assert steps[0] == 0
    assert list(steps) == sorted(set(steps))
    assert scale(f"D {name}").notes[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [("H major", "must be a tonic and a scale"), ("C", "must be a tonic"), ("C mayor", "'major'"),
     ("12", "must be a tonic")],
)  # fmt: skip
def test_what_names_no_scale_is_refused(text, said):
    with pytest.raises(ParamError) as error:
        scale(text)
    assert said in str(error.value)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("steps", [-9, -1, 0, 2, 7])
def test_a_note_of_a_scale_moves_to_a_note_of_it_and_back(name, steps):
    found = scale(f"E {name}")
    for note in (note for note, inside in enumerate(found.notes) if inside):
        there = note + found.shifts(steps)[note]
        assert found.notes[there % 12]
        assert there + found.shifts(-steps)[there % 12] == note


def test_a_whole_scale_is_an_octave_and_steps_of_all_notes_are_semitones():
    assert scale("A minor").shifts(7) == (12,) * 12
    assert scale("A minor").shifts(-14) == (-24,) * 12
    assert CHROMATIC.shifts(-5) == (-5,) * 12


def test_names_and_numbers_of_notes():
    assert [note_name(number) for number in (60, 69, 54)] == ["C4", "A4", "F#3"]
    assert note_number(440.0) == 69.0
    assert note_number(220.0 * 2 ** (0.5 / 12)) == pytest.approx(57.5)


@pytest.mark.parametrize(("hertz", "name"), [(440.0, "A4"), (261.63, "C4"), (82.4, "E2"), (27.5, "A0")])
def test_notes_are_named_as_musicians_do(hertz, name):
    assert note_of(hertz) == name
