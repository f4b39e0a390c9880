"""Presets saved from a strip sound as the strip did; what is brought is built before it is kept."""

import numpy as np
import pytest
from ui.conftest import opened, sung

from svcfx import audio, preset


@pytest.fixture
def song(folder, synthetic_voice):
    """A lead that a small voice sings, with values of its own."""
    lead = 'transpose = 5\nset = { "reverb.wet_level" = 0.4, "voice.formant_semitones" = 1.5 }\n'
    with opened(sung(folder, synthetic_voice, lead)) as made:
        yield made


def put(api, name, text):
    return api.client.put(f"/api/presets/{name}", content=text.encode())


def lead(api, job):
    return audio.read(api.studio.jobs.find(job["number"]).file("lead")).samples


def test_a_preset_saved_from_a_strip_sounds_as_the_strip_did(song):
    before = lead(song, song.rendered())
    asked = {"strip": "lead", "name": "My lead", "description": "For choruses."}
    (file,) = song.ask("POST", "/api/presets", asked)["files"]
    assert file == "My lead.toml"
    found = preset.check(song.studio.folder / file)
    assert (found.name, found.description) == ("My lead", "For choruses.")
    known = {one["name"]: one for one in song.ask("GET", "/api/catalog")["presets"]}
    assert (known[file]["description"], known[file]["is_own"]) == ("For choruses.", True)
    stem = ["stems", 0]
    song.change(([*stem, "preset"], file), ([*stem, "set"], None), ([*stem, "transpose"], None))
    np.testing.assert_array_equal(lead(song, song.rendered()), before)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"strip": "lead", "name": "sung"}, 409, "'sung.toml' is there already"),
        ({"strip": "lead", "name": "session"}, 409, "'session.toml' is there already"),
        ({"strip": "leed", "name": "mine"}, 422, "did you mean 'lead'?"),
        ({"strip": "drums", "name": "mine"}, 422, "stem 'drums' has no preset"),
        ({"strip": "lead", "name": " "}, 422, "has no name"),
    ],
)
def test_a_preset_that_cannot_be_saved_is_refused_and_no_file_is_lost(song, asked, status, said):
    before = {path.name: path.read_bytes() for path in song.studio.folder.glob("*.toml")}
    found, told = song.refused("POST", "/api/presets", asked)
    assert (found, said in told) == (status, True), told
    assert {path.name: path.read_bytes() for path in song.studio.folder.glob("*.toml")} == before


def test_a_preset_that_is_brought_can_be_chosen_at_once(song):
    answer = put(song, "mine.toml", 'svcfx_preset = 1\nname = "m"\nextends = "lead-vela"\n')
    assert answer.json() == {"files": ["mine.toml"]}
    song.change((["stems", 0, "preset"], "mine.toml"), (["stems", 0, "set"], None))
    nodes = song.ask("GET", "/api/session/strips/lead/board")["nodes"]
    assert nodes
    assert put(song, "mine.toml", 'svcfx_preset = 1\nname = "m"\nextends = "lead-vela"\n').json() == {
        "files": ["mine-2.toml"]
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.toml", "svcfx_session = 1\n", "svcfx_preset"),
        ("bad.toml", 'svcfx_preset = 1\nname = "b"\n[[nodes]]\nnode = "Reverbb"\n', "did you mean"),
        ("bad.toml", "\x00", "bad.toml"),
        ("session.toml", 'svcfx_preset = 1\nname = "b"\nextends = "lead-vela"\n', "session's own name"),
        ("..%2Fbad.txt", "x", "does not end as presets do"),
    ],
)
def test_what_is_no_preset_is_refused_and_nothing_is_kept(song, name, text, said):
    before = sorted(path.name for path in song.studio.folder.glob("*.toml"))
    answer = put(song, name, text)
    assert answer.status_code in (404, 422)
    assert said in answer.json()["error"] or answer.status_code == 404
    assert str(song.studio.own) not in answer.json()["error"]
    assert sorted(path.name for path in song.studio.folder.glob("*.toml")) == before


def test_a_key_plan_is_of_the_session_as_it_is_shown(song):
    (found,) = song.ask("GET", "/api/session/plan")
    assert (found["strip"], found["stands_semitones"]) == ("lead", 5.0)
    assert [share["semitones"] for share in found["transpositions"]] == list(range(-12, 13))
    song.change((["stems", 0, "transpose"], 7))
    (found,) = song.ask("GET", "/api/session/plan")
    assert found["stands_semitones"] == 7.0
