"""The session behind the page: begun from stems, changed by key path, undone, saved with its comments."""

import os
import subprocess
import sys

import mido
import pytest
from ui.conftest import opened

from svcfx.session import document

TEXT = """# My song, do not touch
svcfx_session = 1

[[stems]]
file = "lead vox.wav"   # sung in one take
role = "lead"
gain_db = -2.0          # quiet

[master]  # as the label wants it
target_lufs = -16.0
"""


@pytest.fixture
def written(folder):
    """The session's file, with comments."""
    path = folder / "session.toml"
    path.write_text(TEXT)
    return path


def test_an_empty_folder_says_what_a_session_could_be_made_of(api):
    view = api.ask("GET", "/api/session")
    assert view["session"] is None
    assert view["found"] == ["drum loop 60bpm.wav", "lead vox.wav"]
    assert api.refused("PATCH", "/api/session", {"changes": []})[0] == 422


def test_a_session_of_stems_guesses_roles_and_tempo_from_their_names(api):
    view = api.begin()
    roles = {strip["file"]: strip["role"] for strip in view["session"]["stems"]}
    assert roles == {"lead vox.wav": "lead", "drum loop 60bpm.wav": "drums"}
    assert view["session"]["tempo"]["bpm"] == 60
    assert [bar["seconds"] for bar in view["overview"]["bars"]] == [0.0]
    assert not view["is_saved"]
    assert not api.studio.session.exists()


def test_a_file_that_is_dropped_later_becomes_one_more_strip(api):
    api.ask("POST", "/api/session/files", {"files": ["lead vox.wav"]})
    view = api.ask("POST", "/api/session/files", {"files": ["drum loop 60bpm.wav"]})
    assert [strip["name"] for strip in view["overview"]["strips"]] == ["lead vox", "drum loop 60bpm"]


def test_a_change_saved_keeps_every_comment_and_renders_from_the_command_line(written, folder):
    with opened(folder) as api:
        api.change((["stems", 0, "gain_db"], -5.5), (["stems", 0, "preset"], "lead-vela"))
        assert written.read_text() == TEXT
        assert api.ask("POST", "/api/session/save")["is_saved"]
    text = written.read_text()
    for comment in ("# My song, do not touch", "# sung in one take", "# quiet", "# as the label wants it"):
        assert comment in text
    read = document.load(written).session
    assert (read.stems[0].gain_db, read.stems[0].preset) == (-5.5, "lead-vela")
    assert not (folder / ".studio.toml").exists()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (["stems", 0, "gain_bd"], 1.0, "did you mean 'gain_db'?"),
        (["stems", 0, "gain_db"], 99.0, "must be a number from -120 to 40"),
        (["stems", 0, "gain_db"], "loud", "must be a number"),
        (["stems", 0, "role"], "leed", "did you mean 'lead'?"),
        (["stems", 0, "set", "voice.mix"], [1], "stems[1].set"),
        (["stems", 7, "mute"], True, "no place 'stems[8].mute'"),
        (["stems", -1, "mute"], True, "no place"),
        (["stems", "x"], True, "no place"),
        ([], 1.0, "names no key"),
        (["key"], {"points": [[0, 99.0]]}, "99 st, outside -36 to 36 st"),
        (["key"], {"points": [[2, 1.0], [1, 1.0]]}, "must be in time order"),
        (["tempo"], {"bpm": 0.0}, "must be a number from 20 to 400"),
        (["svcfx_session"], 2, "svcfx_session is 2"),
        (["stems", 0], None, "stems"),
        (["stems", 0, "gain_db"], 10**400, "gain_db"),
        (["title"], {"deep": [[[[[[]]]]]]}, "title is"),
    ],
)
def test_a_change_that_makes_no_session_is_one_sentence_and_changes_nothing(
    written, folder, key, value, said
):
    with opened(folder) as api:
        status, error = api.refused("PATCH", "/api/session", {"changes": [{"key": key, "value": value}]})
        assert status == 422
        assert said in error
        assert api.ask("GET", "/api/session")["text"] == TEXT


@pytest.mark.parametrize(
    "body", [{}, {"changes": 1}, {"changes": [{"key": "stems"}]}, [], {"changes": [{"value": 1}]}]
)
def test_a_body_that_says_nothing_is_refused_as_any_other(api, body):
    assert api.refused("PATCH", "/api/session", body)[0] == 422


def test_what_nests_beyond_all_reason_is_refused(written, folder):
    with opened(folder) as api:
        for depth in (200, 900, 100_000):
            body = '{"changes": [{"key": ["title"], "value": ' + "[" * depth + "]" * depth + "}]}"
            headers = {"Content-Type": "application/json"}
            status, _ = api.refused("PATCH", "/api/session", content=body.encode(), headers=headers)
            assert status in (400, 422)
        assert api.ask("GET", "/api/session")["text"] == TEXT


def test_a_studio_sweeps_what_a_killed_one_left_and_nothing_else(written, folder):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (str(gone.pid), str(os.getppid()), "notes"):
        (folder / ".studio" / name).mkdir(parents=True)
    with opened(folder):
        assert {path.name for path in (folder / ".studio").iterdir()} == {str(os.getppid()), "notes"}


def test_text_that_is_no_json_is_refused(api):
    assert (
        api.refused("PATCH", "/api/session", content=b"{", headers={"Content-Type": "application/json"})[0]
        == 422
    )


def test_changes_together_are_all_made_or_none(api):
    api.begin()
    before = api.ask("GET", "/api/session")["text"]
    bad = [{"key": ["stems", 0, "pan"], "value": 0.5}, {"key": ["stems", 0, "pan"], "value": 5}]
    assert api.refused("PATCH", "/api/session", {"changes": bad})[0] == 422
    assert api.ask("GET", "/api/session")["text"] == before


def test_undo_and_redo_go_through_every_state(api):
    texts = [api.begin()["text"]]
    texts += [api.change((["stems", 0, "gain_db"], float(gain)))["text"] for gain in (-1, -2, -3)]
    for text in texts[-2::-1]:
        assert api.ask("POST", "/api/session/undo")["text"] == text
    assert api.ask("POST", "/api/session/undo")["text"] == texts[0]
    for text in texts[1:]:
        assert api.ask("POST", "/api/session/redo")["text"] == text
    assert not api.ask("POST", "/api/session/redo")["can_redo"]


def test_a_draft_survives_a_studio_that_died(written, folder):
    with opened(folder) as api:
        api.change((["stems", 0, "pan"], 0.5))
    with opened(folder) as api:
        view = api.ask("GET", "/api/session")
        assert view["session"]["stems"][0]["pan"] == 0.5
        assert not view["is_saved"]
        assert api.ask("POST", "/api/session/undo")["text"] == TEXT
        assert not (folder / ".studio.toml").exists()


def test_reverting_shows_the_file_and_can_be_undone(written, folder):
    with opened(folder) as api:
        changed = api.change((["stems", 0, "pan"], 0.5))["text"]
        assert api.ask("POST", "/api/session/revert")["text"] == TEXT
        assert api.ask("POST", "/api/session/undo")["text"] == changed


def test_a_strip_whose_file_is_gone_is_told_and_the_others_are_shown(api, folder):
    api.begin()
    (folder / "lead vox.wav").unlink()
    strips = {strip["name"]: strip for strip in api.ask("GET", "/api/session")["overview"]["strips"]}
    assert "does not exist" in strips["lead vox"]["error"]
    assert strips["drum loop 60bpm"]["error"] == ""
    assert api.refused("GET", "/api/strips/lead vox/peaks")[0] == 422


def test_a_path_out_of_the_sessions_reach_is_never_read(api, tmp_path):
    secret = tmp_path.parent / "secret.wav"
    api.begin()
    api.change((["stems", 0, "file"], f"../../{secret.name}"), (["stems", 0, "name"], "secret"))
    status, said = api.refused("GET", "/api/strips/secret/audio")
    assert status == 422
    assert "outside the session's folder" in said


def test_a_strip_that_is_not_there_is_404_with_the_nearest(api):
    api.begin()
    assert api.refused("GET", "/api/strips/lead box/peaks") == (
        404,
        "there is no strip 'lead box' (did you mean 'lead vox'?)",
    )


def test_an_api_alone_has_no_page(folder):
    from fastapi.testclient import TestClient

    from svcfx.ui import app
    from svcfx.ui.guard import Door
    from svcfx.ui.studio import Studio

    studio = Studio.at(folder)
    client = TestClient(app.make(studio, Door("t", frozenset({"testserver"})), with_page=False))
    assert client.get("/").status_code == 404
    assert client.get("/openapi.json").status_code == 200
    studio.close()


BUSES = (
    TEXT
    + '\n[[buses]]\nname = "room"\npreset = "accompaniment-bed"\n\n[[stems]]\nfile = "drum loop 60bpm.wav"\n'
    + 'role = "drums"\nto = "room"\n'
)


def test_buses_are_shown_with_what_they_hear_changed_and_looked_into(folder):
    (folder / "session.toml").write_text(BUSES)
    with opened(folder) as api:
        assert api.ask("GET", "/api/session")["overview"]["buses"] == [
            {"number": 0, "name": "room", "hears": ["drum loop 60bpm"]}
        ]
        view = api.change((["buses", 0, "gain_db"], -3.0), (["stems", 0, "sends"], [{"bus": "room"}]))
        assert view["session"]["buses"][0]["gain_db"] == -3.0
        assert view["overview"]["buses"][0]["hears"] == ["lead vox", "drum loop 60bpm"]
        board = api.ask("GET", "/api/session/strips/room/board")
        assert {node["address"] for node in board["nodes"]} >= {"compressor"}
        assert api.ask("GET", "/api/session/check")["key_by"] == {
            "lead vox": "as it is",
            "drum loop 60bpm": "as it is",
        }
        for name in ("peaks", "audio"):
            assert api.refused("GET", f"/api/strips/room/{name}")[0] == 404
        status, error = api.refused(
            "PATCH", "/api/session", {"changes": [{"key": ["buses", 0], "value": None}]}
        )
        assert status == 422
        assert "there are no [[buses]]" in error


def test_a_board_tells_what_a_lane_can_move_and_in_which_range(api):
    api.begin()
    api.change((["stems", 0, "sends"], [{"bus": "room", "gain_db": -9.0}]), (["buses"], [{"name": "room"}]))
    names = [strip["name"] for strip in api.ask("GET", "/api/session")["overview"]["strips"]]
    lanes = {one["address"]: one for one in api.ask("GET", f"/api/session/strips/{names[0]}/board")["lanes"]}
    drawn = {"low": -60.0, "high": 6.0, "unit": "dB", "value": 0.0, "whole": False, "choices": []}
    assert lanes["gain_db"] == {"address": "gain_db", **drawn}
    assert (lanes["pan"]["low"], lanes["pan"]["high"]) == (-1.0, 1.0)
    assert lanes["sends.room.gain_db"]["value"] == -9.0
    for address, target in lanes.items():  # each can be written, at the value where it stands
        points = [[0.0, target["value"]]]
        api.change((["stems", 0, "automation", address], {"points": points}))
        api.ask("GET", "/api/session/check")
        api.ask("POST", "/api/session/undo")


def test_the_stretches_of_sections_are_told_and_a_marker_that_is_missing_hides_none_of_the_song(folder):
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    track += [mido.MetaMessage("marker", text=text, time=480) for text in ("verse", "chorus", "verse")]
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(folder / "song.mid")
    midi = '\n[midi]\nfile = "song.mid"\n[sections.verse]\n"lead vox.gain_db" = -3\n'
    (folder / "session.toml").write_text(TEXT.partition("[master]")[0] + midi)
    with opened(folder) as api:
        told = api.ask("GET", "/api/session")["overview"]["sections"]
        spans = [(one["name"], one["start_seconds"], one["end_seconds"]) for one in told]
        assert spans == [("verse", 0.5, 1.0), ("verse", 1.5, 2.0)]  # the last one as long as the song
        view = api.change((["sections", "bridge", "lead vox.gain_db"], 0))
        assert view["overview"]["sections"] == []
        assert [one["text"] for one in view["overview"]["markers"]] == ["verse", "chorus", "verse"]
        assert "bridge" in api.refused("GET", "/api/session/check")[1]
