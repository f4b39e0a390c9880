"""A session's own tempo and key, in place of a MIDI file's; its bars; its most sung bars."""

import numpy as np
import pytest

from svcfx.errors import SessionError
from svcfx.session import document, excerpt, grid, overview, plan, proposing
from svcfx.session.bounce import bounce

STEM = '[[stems]]\nfile = "a.wav"\nrole = "accompaniment"\n'


@pytest.fixture
def timed(song, make):
    """Plans a session of one stem of four seconds."""
    song.stem("a.wav", make["tone"](220.0, 4.0))

    def planned(text):
        return plan.make(document.load(song.session(text + STEM)))

    return planned


def test_bars_of_a_tempo_are_where_it_puts_them(timed):
    made = timed("[tempo]\nbpm = 90\nbeats_per_bar = 3\noffset_seconds = 0.25\n")
    assert [bar.seconds for bar in grid.bars(made.timeline, 4.0)] == pytest.approx([0.25, 2.25])
    assert made.timeline.range_of("2") == pytest.approx((2.25, 4.25))


def test_a_key_in_bars_moves_where_the_bar_begins(timed):
    made = timed('[tempo]\nbpm = 120\n[key]\npoints = [[1, 0], [2, 3]]\nunit = "bars"\n')
    assert made.key.at(np.array([1.99, 2.02])).tolist() == [0.0, 3.0]
    assert [(part.start_seconds, part.semitones) for part in made.keys] == [(0.0, 0.0), (2.0, 3.0)]
    assert made.stems[0].recording.way == "stretch"


def test_a_key_of_the_sessions_own_stands_in_place_of_the_midi_files(song, make, timed):
    song.midi("song.mid", [make["tempo"](0, 120)], make["key_track"]((0, 5)))
    assert timed('[midi]\nfile = "song.mid"\n').key.at(np.array([1.0])) == [5.0]
    made = timed('[midi]\nfile = "song.mid"\n[key]\npoints = [[0, -2]]\n')
    assert made.key.at(np.array([1.0])) == [-2.0]
    assert any("track 'key' not used" in note.text for note in made.notes)


def test_bars_without_any_tempo_are_refused_with_both_ways_out(timed):
    with pytest.raises(SessionError, match="key counts bars") as caught:
        timed('[key]\npoints = [[1, 0]]\nunit = "bars"\n')
    assert "[tempo]" in caught.value.hint


def test_a_tempo_beside_midi_is_refused(timed):
    with pytest.raises(SessionError, match=r"midi and tempo\.bpm are both given"):
        timed('[midi]\nfile = "song.mid"\n[tempo]\nbpm = 100\n')


def test_a_song_in_its_own_key_sounds_a_third_higher(song, make):
    song.stem("a.wav", make["tone"](220.0, 2.0))
    path = song.session("[key]\npoints = [[0, 4]]\n[master]\ntail_seconds = 0\n" + STEM)
    from svcfx import audio
    from svcfx.report import sung

    done = bounce(path, song.folder / "out")
    notes = sung(audio.read(done.mix[0])).notes
    assert np.nanmedian(notes) == pytest.approx(57.0 + 4.0, abs=0.1)


def test_an_overview_tells_what_is_broken_and_shows_the_rest(song, make):
    song.stem("a.wav", make["tone"](220.0, 1.0))
    path = song.session(STEM + '[[stems]]\nfile = "gone.wav"\nrole = "lead"\n[midi]\nfile = "gone.mid"\n')
    seen = overview.of(document.load(path))
    assert "gone.mid" in seen.error
    assert [bool(strip.error) for strip in seen.strips] == [False, True]
    assert seen.seconds == pytest.approx(1.0)


def test_the_most_sung_bars_are_whole_and_no_longer_than_asked_where_bars_are_shorter(song, make):
    loud = make["tone"](220.0, 12.0)
    loud[:, : 44_100 * 5] *= 0.001
    song.stem("a.wav", loud)
    found = excerpt.most_sung(plan.make(document.load(song.session("[tempo]\nbpm = 120\n" + STEM))), 4.0)
    assert found.bars in ("4-5", "5-6")
    assert found.end_seconds - found.start_seconds == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("01_LeadVox.wav", "lead"),
        ("Vocals (main).flac", "lead"),
        ("BGV L.wav", "backing"),
        ("backing vocals.mp3", "backing"),
        ("harmony 3rd.wav", "harmony"),
        ("Drums.wav", "drums"),
        ("kick in.wav", "drums"),
        ("piano.wav", "accompaniment"),
        ("bass.wav", "accompaniment"),
    ],
)
def test_a_role_is_guessed_from_a_name(name, role):
    assert proposing.role_of(name) == role


def test_a_proposed_session_is_one(song, make):
    for name in ("lead.wav", "bass 97bpm.wav"):
        song.stem(name, make["tone"](220.0, 0.5))
    text = proposing.propose(["bass 97bpm.wav", "lead.wav"], title='A "song"')
    made = plan.make(document.parse(text, song.folder / "session.toml"))
    assert [stem.role for stem in made.stems] == ["lead", "accompaniment"]
    assert made.document.session.tempo.bpm == 97.0
