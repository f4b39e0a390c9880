"""What differs between two states of a session: every key that says something else, and nothing besides."""

import pytest

from svcfx.session import document, editing
from svcfx.session.differing import differences
from svcfx.session.editing import Change

TEXT = """svcfx_session = 1
[tempo]
bpm = 120.0
[[stems]]
file = "lead vox.wav"
role = "lead"
preset = "lead-vela"
set = { "voice.mix" = 0.5 }
[[stems]]
file = "keys.wav"
role = "pass"
[[buses]]
name = "room"
"""


@pytest.fixture
def before(tmp_path):
    return document.parse(TEXT, tmp_path / "session.toml")


def said(before, *changes):
    after = editing.edited(before, [Change(key, value) for key, value in changes])
    return [found.text for found in differences(before.session, after.session)]


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (("stems", 0, "gain_db"), -9.0, "lead vox: gain_db 0 → -9"),
        (("stems", 1, "mute"), True, "keys: mute off → on"),
        (("stems", 0, "set", "voice.mix"), 0.75, "lead vox: set voice.mix 0.5 → 0.75"),
        (("stems", 0, "set", "voice.breath"), 0.1, "lead vox: set voice.breath none → 0.1"),
        (("stems", 0, "preset"), None, "lead vox: preset lead-vela → none"),
        (("buses", 0, "pan"), 0.5, "room: pan 0 → 0.5"),
        (("master", "target_lufs"), -16.0, "master.target_lufs none → -16"),
        (("tempo", "bpm"), 96.0, "tempo.bpm 120 → 96"),
        (("key",), {"points": [[0.0, 2.0]]}, "key was added"),
        (("stems", 1), None, "keys was taken out"),
    ],
)
def test_one_change_is_one_sentence(before, key, value, text):
    assert said(before, (key, value)) == [text]


def test_a_state_differs_from_itself_in_nothing_and_the_way_back_is_the_reverse(before):
    after = editing.edited(before, [Change(("stems", 0, "gain_db"), -9.0), Change(("title",), "Ours")])
    assert differences(after.session, after.session) == ()
    there, back = differences(before.session, after.session), differences(after.session, before.session)
    assert [(one.where, one.before, one.after) for one in there] == [
        (one.where, one.after, one.before) for one in back
    ]


def test_strips_that_change_places_are_the_same_strips(before):
    first, second = TEXT.index("[[stems]]"), TEXT.rindex("[[stems]]")
    end = TEXT.index("[[buses]]")
    turned = TEXT[:first] + TEXT[second:end] + TEXT[first:second] + TEXT[end:]
    assert differences(before.session, document.parse(turned, before.path).session) == ()


def test_points_that_were_drawn_otherwise_are_told_without_their_numbers(before):
    drawn = editing.edited(before, [Change(("key",), {"points": [[0.0, 2.0], [4.0, 3.0]]})])
    moved = editing.edited(drawn, [Change(("key", "points"), [[0.0, 2.0], [4.0, 5.0]])])
    assert [one.text for one in differences(drawn.session, moved.session)] == ["key.points are others"]
