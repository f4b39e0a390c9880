"""What a .dawproject is: packed or not, and equal for equal sessions; and what no mixer knows."""

import zipfile

from svcfx.session import document
from svcfx.session.exchange import doors


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
    text += "[sections.chorus]\ncrossfade_seconds = 0.5\n[master]\ntarget_lufs = -16.0\n"
    text += "[tempo]\nbpm = 90\noffset_seconds = 0.5\n"
    lost = doors.take_out(document.load(song.session(text)), tmp_path / "x.dawproject").lost
    where = ("set.gain.gain_db", "automation.gain.gain_db", "preset = 'own.toml'")
    for what in (*(f"stems[1].{each}" for each in where), "key", "master.target_lufs"):
        assert what in lost
    assert "sections.chorus.crossfade_seconds" in lost
    assert any("bar 1 begins at 0.5 s" in each for each in lost)
