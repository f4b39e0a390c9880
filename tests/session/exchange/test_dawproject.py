"""A session as a .dawproject and back: what both know stays, the render is the same."""

import zipfile

import pytest

from svcfx.session import document, grid, overview
from svcfx.session.exchange import doors
from svcfx.session.strip_model import stem_names


@pytest.fixture
def there_and_back(tmp_path):
    """Sends a session out and brings it back; gives the new one and what was lost on either way."""

    def sent(found, **settings):
        left = doors.take_out(found, tmp_path / "song.dawproject", **settings)
        back = doors.bring_in(left.path, tmp_path / "back")
        return document.load(back.session), (*left.lost, *back.lost)

    return sent


def facts(found):
    """What a session says of its strips and its time, in seconds."""
    session, timeline = found.session, overview.timeline_of(found)
    strips = [
        strip.model_dump(exclude={"file", "start_bar", "name"}) for strip in (*session.stems, *session.buses)
    ]
    return strips, session.title, grid.tempos(timeline), grid.bars(timeline, 20.0), grid.markers(timeline)


def test_a_session_that_went_out_comes_back_the_same(whole, there_and_back):
    back, _ = there_and_back(whole)
    ours, theirs = facts(whole), facts(back)
    assert theirs[0] == ours[0]
    assert theirs[2:] == ours[2:]
    assert ours[1] == "Round & <round>" == theirs[1]


def test_a_session_that_comes_back_renders_the_same_bytes(whole, there_and_back, mixed):
    back, _ = there_and_back(whole)
    assert mixed(back.path) == mixed(whole.path)


def test_recordings_that_are_only_named_are_found_again(whole, tmp_path, mixed):
    left = doors.take_out(whole, whole.path.parent / "song.dawproject", pack=False)
    with zipfile.ZipFile(left.path) as archive:
        assert archive.namelist() == ["project.xml", "metadata.xml"]
    back = doors.bring_in(left.path, tmp_path / "back")
    assert mixed(back.session) == mixed(whole.path)


def test_equal_sessions_are_equal_archives(whole, tmp_path):
    one, two = (doors.take_out(whole, tmp_path / name).path for name in ("a.dawproject", "b.dawproject"))
    assert one.read_bytes() == two.read_bytes()


def test_what_a_mixer_does_not_know_is_named(song, noises, tmp_path):
    song.preset("own.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    text = '[[stems]]\nfile = "a.wav"\nrole = "lead"\npreset = "own.toml"\nset = { "gain.gain_db" = -3.0 }\n'
    text += '[stems.automation]\n"gain.gain_db" = [[0.0, -1.0]]\n[key]\npoints = [[0, 2]]\n'
    text += "[master]\ntarget_lufs = -16.0\n[tempo]\nbpm = 90\noffset_seconds = 0.5\n"
    lost = doors.take_out(document.load(song.session(text)), tmp_path / "x.dawproject").lost
    for what in ("stems[1].preset = 'own.toml'", "stems[1].set", "stems[1].automation.gain.gain_db", "key"):
        assert what in lost
    assert "master" in lost
    assert any("bar 1 begins at 0.5 s" in each for each in lost)


def test_a_session_without_time_comes_back_without(song, noises, there_and_back):
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


def test_stems_and_buses_with_the_names_of_others_stay_apart(song, noises, there_and_back, mixed):
    (song.folder / "x").mkdir()
    (song.folder / "a.wav").replace(song.folder / "x/B.wav")
    text = '[[stems]]\nfile = "x/B.wav"\nname = "master"\nrole = "pass"\nto = "A"\n'
    text += '[[stems]]\nfile = "b.wav"\nrole = "pass"\n[[buses]]\nname = "A"\ngain_db = -6.0\n'
    found = document.load(song.session(text))
    back, _ = there_and_back(found)
    assert facts(back) == facts(found)
    assert stem_names(back.session.stems) == ["master", "b"]
    assert mixed(back.path) == mixed(found.path)
