"""A session as another program's song and back: what both know stays, and the render is the same."""

import pytest

from svcfx.session import document
from svcfx.session.strip_model import stem_names


def test_a_session_that_went_out_comes_back_the_same(whole, facts, there_and_back):
    back, _ = there_and_back(whole)
    ours, theirs = facts(whole), facts(back)
    for name, fact in ours.items():
        assert theirs[name] == fact, name


def test_a_session_that_comes_back_renders_the_same_bytes(whole, there_and_back, mixed):
    back, _ = there_and_back(whole)
    assert mixed(back.path) == mixed(whole.path)


def test_a_session_without_time_comes_back_without(song, noises, facts, there_and_back):
    found = document.load(song.session('[[stems]]\nfile = "a.wav"\nrole = "pass"\n'))
    back, lost = there_and_back(found)
    assert facts(back) == facts(found)
    assert (back.session.tempo, back.session.midi, lost) == (None, None, ())


@pytest.mark.parametrize("bpm", [97.3, 120.0, 133.337])
def test_one_tempo_comes_back_as_a_number(song, noises, there_and_back, bpm):
    text = f'[[stems]]\nfile = "a.wav"\nrole = "pass"\n[tempo]\nbpm = {bpm}\nbeats_per_bar = 3\n'
    back, _ = there_and_back(document.load(song.session(text)))
    assert back.session.tempo.bpm == pytest.approx(bpm, rel=1e-5)
    assert back.session.tempo.beats_per_bar == 3
    assert back.session.midi is None


def test_stems_and_buses_with_the_names_of_others_stay_apart(song, noises, facts, there_and_back, mixed):
    (song.folder / "x").mkdir()
    (song.folder / "a.wav").replace(song.folder / "x/B.wav")
    text = '[[stems]]\nfile = "x/B.wav"\nname = "master"\nrole = "pass"\nto = "A"\n'
    text += '[[stems]]\nfile = "b.wav"\nrole = "pass"\n[[buses]]\nname = "A"\ngain_db = -6.0\n'
    found = document.load(song.session(text))
    back, _ = there_and_back(found)
    assert facts(back) == facts(found)
    assert stem_names(back.session.stems) == ["master", "b"]
    assert mixed(back.path) == mixed(found.path)
