"""A session's text changed by key path: what was meant changes, everything else stays as it was written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from svcfx.errors import SessionError
from svcfx.session import document, editing
from svcfx.session.editing import Change

TEXT = """# one
svcfx_session = 1
title = 'Ours'   # two

# three
[[stems]]
file = "a.wav"          # four
role = "lead"
set.voice.mix = 0.5     # five
automation = { "voice.formant_semitones" = [[0, 1.0], [2, 3.0]] }

[[stems]]   # six
file = "b.wav"
role = "drums"
cc_tracks = ["x",  # seven
             "y"]

[master]
target_lufs = -16.00  # eight

# nine
"""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def edited(tmp_path, *changes, text=TEXT):
    return editing.edited(document.parse(text, tmp_path / "session.toml"), changes)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("title",), "Theirs"),
        (("seed",), 7),
        (("stems", 0, "gain_db"), -3.5),
        (("stems", 1, "mute"), True),
        (("stems", 1, "set", "reverb.wet_level"), 0.25),
        (("stems", 0, "cc_tracks"), ["lead"]),
        (("master", "target_lufs"), -14.0),
        (("master", "ceiling_dbtp"), -1.0),
        (("output", "formats"), ["wav", "mp3"]),
        (("key",), {"points": [[1.0, 0.0], [5.0, 2.0]], "unit": "bars"}),
        (("key",), {"points": [[float(at), 0.0] for at in range(12)]}),
        (("tempo", "bpm"), 96.0),
        (("stems", 2), {"file": "c.wav", "role": "pass"}),
    ],
)
def test_one_key_changes_and_no_comment_goes(tmp_path, key, value):
    made = edited(tmp_path, Change(key, value))
    before, after = tomllib.loads(TEXT), tomllib.loads(made.text)
    here = after
    for step in key[:-1]:
        here = here[step]
    assert here[key[-1]] == value
    again = edited(tmp_path, Change(key, _at(before, key)), text=made.text)
    assert tomllib.loads(again.text) == before
    assert all(f"# {number}" in made.text for number in NUMBERS)


def _at(tables, key):
    for step in key:
        try:
            tables = tables[step]
        except (KeyError, IndexError):
            return None
    return tables


@pytest.mark.parametrize(
    "key", [("title",), ("stems", 1), ("master", "target_lufs"), ("stems", 0, "automation")]
)
def test_what_is_taken_away_is_gone_and_the_rest_is_there(tmp_path, key):
    after = tomllib.loads(edited(tmp_path, Change(key)).text)
    assert _at(after, key) is None or key == ("stems", 1)
    assert len(after["stems"]) == (1 if key == ("stems", 1) else 2)


def test_a_table_that_is_left_empty_goes_too(tmp_path):
    made = edited(tmp_path, Change(("stems", 1, "set", "gain.gain_db"), 1.0))
    assert "[stems.set]" in made.text
    assert "set]" not in edited(tmp_path, Change(("stems", 1, "set", "gain.gain_db")), text=made.text).text


def test_what_the_text_does_not_touch_keeps_its_spelling(tmp_path):
    made = edited(tmp_path, Change(("stems", 1, "role"), "pass"))
    assert made.text == TEXT.replace('"drums"', '"pass"')


def test_a_session_written_in_one_line_can_be_changed(tmp_path):
    text = 'svcfx_session = 1\nstems = [{ file = "a.wav", role = "lead" }]\n'
    made = edited(tmp_path, Change(("stems", 0, "set", "gain.gain_db"), -1.0), text=text)
    assert made.session.stems[0].set == {"gain.gain_db": -1.0}


@pytest.mark.parametrize(
    "key",
    [
        (),
        ("stems",),
        ("stems", 5, "mute"),
        ("stems", "0", "mute"),
        ("title", "x"),
        ("midi", 0),
        ("nothing", "x"),
    ],
)
def test_a_place_that_is_not_there_is_refused_and_nothing_changes(tmp_path, key):
    with pytest.raises(SessionError):
        edited(tmp_path, Change(key, {} if key == ("stems",) else 1))


@given(
    gains=some.lists(some.floats(-120, 40), min_size=1, max_size=6),
    stem=some.integers(0, 1),
    note=some.text(some.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20),
)
def test_any_values_read_back_as_they_were_given(tmp_path_factory, gains, stem, note):
    made = document.parse(TEXT, tmp_path_factory.getbasetemp() / "session.toml")
    for gain in gains:
        made = editing.edited(made, [Change(("stems", stem, "gain_db"), gain), Change(("title",), note)])
    assert made.session.stems[stem].gain_db == gains[-1]
    assert made.session.title == note
    assert all(f"# {number}" in made.text for number in NUMBERS)


def test_what_is_saved_is_what_is_read(tmp_path):
    made = edited(tmp_path, Change(("title",), "Zoë's\tsong"))
    path = document.save(made)
    assert document.load(path).session == made.session
    assert path.read_text() == made.text
