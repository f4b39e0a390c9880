"""A session as another program's song and back: what both know stays, and the render is the same."""

import numpy as np
import pytest

from svcfx.session import document, overview
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


def test_bars_and_jumps_come_back_as_seconds_and_jumps(song, noises, there_and_back, mixed):
    text = '[[stems]]\nfile = "a.wav"\nrole = "pass"\nstart_bar = 2\n[stems.automation]\n'
    text += "gain_db = [[0.5, 0.0], [1.5, 0.0], [1.5, -12.0], [1.7, -12.0], [1.7, -3.0]]\n"
    text += 'pan = { points = [[2, -0.7], [2.5, 0.9]], unit = "bars" }\n[tempo]\nbpm = 251\n'
    found = document.load(song.session(text))
    back, _ = there_and_back(found)
    lanes = back.session.stems[0].automation
    assert lanes["gain_db"].points == found.session.stems[0].automation["gain_db"].points
    assert mixed(back.path) == mixed(found.path)


def test_a_glide_is_drawn_in_lines_and_that_is_said(song, noises, there_and_back):
    text = '[[stems]]\nfile = "a.wav"\nrole = "pass"\n[stems.automation.gain_db]\n'
    text += 'points = [[0.0, -6.0], [0.5, 0.0]]\ninterpolation = "smooth"\nsmooth_ms = 200\n'
    found = document.load(song.session(text))
    back, lost = there_and_back(found)
    ours, theirs = (
        overview.timeline_of(each).lane(each.session.stems[0].automation["gain_db"], "x")
        for each in (found, back)
    )
    when = np.linspace(0.0, 1.0, 500)
    np.testing.assert_allclose(theirs.at(when), ours.at(when), atol=0.03)
    assert any("its glides are straight lines" in each for each in lost)


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


@pytest.mark.parametrize("text", ["bpm = 100\nratio = 0.9\n", "bpm = 100\nto = 'live.mid'\n"])
def test_a_song_played_at_another_tempo_goes_as_it_was_recorded(
    song, noises, make, facts, there_and_back, text
):
    song.midi("live.mid", [make["tempo"](0, 110)])
    stem = '[[stems]]\nfile = "a.wav"\nrole = "pass"\nstart_seconds = 0.4\n[tempo]\n'
    back, lost = there_and_back(document.load(song.session(stem + text)))
    assert facts(back) == facts(document.load(song.session(stem + "bpm = 100\n")))
    assert any("it goes at the tempo of its recordings" in each for each in lost)
