"""A file that is left as it is because it is there: was it made as it would be made now?"""

import re

import pytest

from svcfx import audio
from svcfx.errors import OutputExistsError
from svcfx.session.bounce import bounce
from svcfx.session.files import batch
from svcfx.session.isolate import Destination

PRESET = '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'
STEMS = (
    '[[stems]]\nfile = "a.wav"\nrole = "pass"\n[[stems]]\nfile = "b.wav"\nrole = "pass"\ngain_db = {}\n'
    "[output]\nstems = true\n"
)


def again(song, settings=None, **writing):
    output = Destination(song.folder / "out", on_exists="skip", **writing)
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
def test_another_setting_is_made_again_or_named_where_no_key_tells(made, settings, writing, said):
    forget_keys(made.folder)
    status, [text] = again(made, settings, **writing)
    assert status == "skipped"
    assert said in text
    assert "made with other settings" in text
    next((made.folder / "out").glob("*.wav")).unlink()
    assert again(made) == ("done", [])
    assert again(made, settings, **writing) == ("done", [])
    assert again(made, settings, **writing) == ("skipped", [])


def test_another_preset_or_source_is_made_again_and_a_comment_is_not(made, make):
    path = made.folder / "p.toml"
    path.write_text("# a comment\n" + path.read_text())
    assert again(made) == ("skipped", [])
    path.write_text(path.read_text().replace("-6.0", "-7.0"))
    assert again(made) == ("done", [])
    made.stem("a.wav", make["tone"](330.0, 0.5))
    assert again(made) == ("done", [])
    assert again(made) == ("skipped", [])
    forget_keys(made.folder)
    made.stem("a.wav", make["tone"](220.0, 0.5))
    assert "inputs.a.wav.sha256" in again(made)[1][0]


def test_a_result_that_was_edited_since_is_left_with_whatever_settings(made):
    result = next((made.folder / "out").glob("*.wav"))
    audio.write(result, audio.read(result).samples * 0.5, 44_100)
    before = result.read_bytes()
    assert again(made, {"gain.gain_db": "-3"})[0] == "skipped"
    assert result.read_bytes() == before


@pytest.mark.parametrize("on_exists", ["error", "skip", "rename"])
def test_what_is_there_as_it_would_be_made_is_not_made_again(made, on_exists):
    def run(**settings):
        output = Destination(made.folder / "out", on_exists=on_exists)
        names = [made.folder / "a.wav", made.folder / "b.wav"]
        return batch(names, made.folder / "p.toml", output=output, settings=settings).files

    assert [file.status for file in run()] == ["skipped", "done"]
    assert [file.status for file in run()] == ["skipped", "skipped"]
    assert {file.target.name for file in run()} == {"a.wav", "b.wav"}


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


def test_a_render_that_was_killed_before_its_mix_goes_on(made):
    out = made.folder / "song"
    first = bounce(made.session(STEMS.format(0.0)), out)
    whole = first.mix[0].read_bytes()
    first.mix[0].unlink()
    times = {path: path.stat().st_mtime_ns for path in first.stems}
    done = bounce(made.session(STEMS.format(0.0)), out)
    assert done.mix[0].read_bytes() == whole
    assert {path: path.stat().st_mtime_ns for path in done.skipped} == times
    with pytest.raises(OutputExistsError):
        bounce(made.session(STEMS.format(-6.0)), out)


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
