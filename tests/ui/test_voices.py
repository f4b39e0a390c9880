"""Voices come in as `svcfx voices add` takes them: consent asked, nothing kept of what is refused."""

import io
import zipfile

import pytest
from voices import rvc_checkpoints

from svcfx.voices import shelf

CONSENT = {"consent": "Mei Lin, in writing"}


@pytest.fixture
def weights(tmp_path):
    """A small RVC voice, as bytes."""
    return rvc_checkpoints.write(tmp_path / "mei.pth").read_bytes()


@pytest.fixture
def index(tmp_path):
    return rvc_checkpoints.write_index(tmp_path / "added_IVF2.index").read_bytes()


def put(api, name, data):
    answer = api.client.put(f"/api/voices/files/{name}", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()["files"][0]


def waiting(api):
    return [path for path in api.studio.voices.rglob("*") if path.is_file()]


def zipped(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def test_a_zip_becomes_a_voice_with_what_was_said_of_it(api, home, weights, index):
    name = put(api, "mei.zip", zipped(mei__pth=weights, added__index=index))
    said = {**CONSENT, "licence": "CC BY 4.0", "low_hz": 160, "high_hz": 700}
    added = api.ask("POST", "/api/voices", {"files": [name], **said})
    (singer,) = added["singers"]
    assert (singer["name"], singer["low_hz"], singer["index"] != "") == ("mei", 160.0, True)
    (card,) = shelf.added()[0]
    assert (card.consent, card.licence) == ("Mei Lin, in writing", "CC BY 4.0")
    assert "mei" in [voice["name"] for voice in api.ask("GET", "/api/catalog")["voices"]]
    assert waiting(api) == []


def test_loose_files_are_one_voice(api, home, weights, index):
    names = [put(api, "mei.pth", weights), put(api, "added_IVF2.index", index)]
    added = api.ask("POST", "/api/voices", {"files": names, "name": "mei two", **CONSENT})
    assert [one["index"] != "" for one in added["singers"]] == [True]
    assert [one.name for one in shelf.added()[0]] == ["mei two"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"consent": " "}, "it is not said who sang"),
        ({**CONSENT, "low_hz": 160}, "lowest and its highest"),
        ({**CONSENT, "low_hz": 700, "high_hz": 160}, "in Hz, from 20 to 5000"),
        ({**CONSENT, "name": "../mei"}, "cannot be a voice's name"),
        ({**CONSENT, "files": ["../../etc/passwd"]}, "no file"),
        ({**CONSENT, "files": []}, "no file"),
    ],
)
def test_what_is_not_said_right_is_refused_and_the_shelf_stays(api, home, weights, said, sentence):
    name = put(api, "mei.pth", weights)
    _, told = api.refused("POST", "/api/voices", {"files": [name], **said})
    assert sentence in told
    assert shelf.added() == ([], [])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("evil.pth", b"cos\nsystem\n(S'touch /tmp/owned'\ntR."),
        ("evil.zip", b"PK"),
        ("evil.zip", zipped(**{"../../mei__pth": b"x"})),
        ("evil.zip", zipped(readme__txt=b"nothing")),
    ],
)
def test_files_of_strangers_are_refused_and_leave_nothing(api, home, name, data):
    kept = put(api, name, data)
    _, told = api.refused("POST", "/api/voices", {"files": [kept], **CONSENT})
    assert str(api.studio.own) not in told
    assert shelf.added() == ([], [])
    assert waiting(api) == []


@pytest.mark.parametrize("name", ["x.exe", "mei.wav", "session.toml", ".pth", "a" * 300])
def test_what_is_not_called_like_files_of_a_voice_is_refused(api, name):
    status, told = api.refused("PUT", f"/api/voices/files/{name}", content=b"x")
    assert status == 422
    assert "does not end as files of a voice do" in told


def test_a_render_is_made_again_of_the_session_it_was_made_of(api):
    api.begin()
    first = api.rendered()
    api.change((["stems", 0, "gain_db"], -9.0))
    again = api.over(api.ask("POST", f"/api/jobs/{first['number']}/again")["number"])
    assert again["levels"] == first["levels"]
    assert api.ask("GET", "/api/session")["session"]["stems"][0]["gain_db"] == 0.0
    undone = api.ask("POST", "/api/session/undo")
    assert undone["session"]["stems"][0]["gain_db"] == -9.0
