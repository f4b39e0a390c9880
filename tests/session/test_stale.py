"""A file that is left as it is because it is there: was it made as it would be made now?"""

import re

import pytest

from svcfx import audio
from svcfx.errors import OutputExistsError
from svcfx.session.bounce import bounce
from svcfx.session.files import batch
from svcfx.session.isolate import Output

PRESET = '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'
STEMS = (
    '[[stems]]\nfile = "a.wav"\nrole = "pass"\n[[stems]]\nfile = "b.wav"\nrole = "pass"\ngain_db = {}\n'
    "[output]\nstems = true\n"
)


def again(song, settings=None, **writing):
    output = Output(song.folder / "out", on_exists="skip", **writing)
    [file] = batch([song.folder / "a.wav"], song.folder / "p.toml", output=output, settings=settings).files
    return file.status, [note.text for note in file.notes if note.code == "made-otherwise"]


@pytest.fixture
def made(song, make):
    song.preset("p.toml", PRESET)
    for name in ("a.wav", "b.wav"):
        song.stem(name, make["tone"](220.0, 0.5))
    assert again(song) == ("done", [])
    return song


def test_the_same_again_is_skipped_without_a_word(made):
    assert again(made) == ("skipped", [])


@pytest.mark.parametrize(
    ("settings", "writing", "said"),
    [
        ({"gain.gain_db": "-3"}, {}, "settings.set.gain.gain_db is not set, now -3"),
        (None, {"tail_seconds": 1.0}, "settings.tail_seconds is not set, now 1.0"),
        (None, {"encoding": "pcm16"}, "settings.encoding is not set, now pcm16"),
    ],
)
def test_another_setting_is_named_with_both_values(made, settings, writing, said):
    status, [text] = again(made, settings, **writing)
    assert status == "skipped"
    assert said in text
    assert "made with other settings" in text


def test_another_preset_or_source_is_noticed_and_a_comment_is_not(made, make):
    path = made.folder / "p.toml"
    path.write_text("# a comment\n" + path.read_text())
    assert again(made) == ("skipped", [])
    path.write_text(path.read_text().replace("-6.0", "-7.0"))
    assert "gain_db is -6.0, now -7.0" in again(made)[1][0]
    made.stem("a.wav", make["tone"](330.0, 0.5))
    assert "inputs.a.wav.sha256" in again(made)[1][0]


def test_a_file_without_a_recipe_is_nobodys_settings(made):
    next((made.folder / "out").glob("*.json")).unlink()
    assert again(made) == ("skipped", [])


def forget_keys(folder):
    """Leave recipes as a svcfx wrote them that knew no keys."""
    for path in folder.rglob("*.json"):
        path.write_text(re.sub('"key": "[0-9a-f]*"', '"key": ""', path.read_text()))


def test_skip_makes_again_what_another_render_left_and_leaves_all_else(made):
    out = made.folder / "song"

    def render(gain, on_exists="skip"):
        done = bounce(made.session(STEMS.format(gain)), out, on_exists=on_exists)
        return sorted(path.name for path in (*done.mix, *done.stems))

    assert render(0.0) == ["a.wav", "b.wav", "song.wav"]
    assert render(-6.0) == ["b.wav", "song.wav"]
    edited = out / "stems" / "b.wav"
    audio.write(edited, audio.read(edited).samples * 0.5, 44_100)
    kept = edited.read_bytes()
    assert render(-3.0) == ["song.wav"]
    assert edited.read_bytes() == kept


@pytest.mark.parametrize("on_exists", ["error", "skip", "rename"])
def test_the_same_song_again_is_not_rendered_whatever_was_to_be_done_with_its_files(made, on_exists):
    out = made.folder / "song"
    first = bounce(made.session(STEMS.format(0.0)), out)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    done = bounce(made.session("# a comment\n" + STEMS.format(0.0)), out, on_exists=on_exists)
    assert set(done.skipped) == {*first.mix, *first.stems}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.*")} == times
    assert "every file is there already" in done.summary()


def test_a_file_that_was_changed_since_is_not_the_same(made):
    out = made.folder / "song"
    path = bounce(made.session(STEMS.format(0.0)), out).mix[0]
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(OutputExistsError):
        bounce(made.session(STEMS.format(0.0)), out)


def test_a_session_with_another_gain_says_so_for_the_mix_and_that_stem_alone(made):
    out = made.folder / "song"

    def render(gain):
        done = bounce(made.session(STEMS.format(gain)), out, on_exists="skip")
        said = [note.text for note in done.notes if note.code == "made-otherwise"]
        return [text.split("'")[1].rsplit("/", 1)[1] for text in said], done.summary()

    assert render(0.0)[0] == []
    before = audio.read(out / "song.wav").samples
    assert render(0.0) == ([], "nothing to do: every file is there already")
    forget_keys(out)
    named, summary = render(-6.0)
    assert named == ["song.wav", "b.wav"]
    assert summary == "nothing was done: every file is there already, 2 made with other settings"
    assert (audio.read(out / "song.wav").samples == before).all()
