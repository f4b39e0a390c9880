"""Songs are taken apart and voices cloned as the command line does it: one at a time, or not at all."""

import time

import numpy as np
import pytest
from ui.conftest import RATE, opened, tone

from svcfx import audio
from svcfx.ui import tasks
from svcfx.voices import shelf

SPLIT_HZ = 2000.0


@pytest.fixture
def song(folder):
    """A folder with one song, singing below 2 kHz and a band above, and a model that parts them there."""
    pytest.importorskip("onnx", reason="the test extra is not installed")
    pytest.importorskip("onnxruntime", reason="the separate extra is not installed")
    from separation import nets

    for stem in folder.glob("*.wav"):
        stem.unlink()
    when = np.arange(RATE) / RATE
    band = 0.1 * np.sin(2 * np.pi * 5000 * when)[None]
    audio.write(folder / "My Voice.wav", (band + tone(220.0, 1.0)).astype(np.float32), RATE)
    nets.write(folder / "mine.onnx", nets.below(SPLIT_HZ))
    with opened(folder) as made:
        yield made


def over(api, task):
    """A task, once it is over."""
    until = time.monotonic() + 600
    while task["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.02)
        task = api.ask("GET", f"/api/tasks/{task['number']}")
    return task


def test_a_song_becomes_two_stems_that_add_up_to_it_and_a_session_that_knows_their_roles(song):
    folder = song.studio.folder
    asked = {"file": "My Voice.wav", "model": "mine.onnx"}
    done = over(song, song.ask("POST", "/api/tasks/separate", asked))
    assert (done["state"], done["done_fraction"]) == ("done", 1.0), done
    vocals, rest = (audio.read(folder / name) for name in done["roles"])
    whole = audio.read(folder / "My Voice.wav")
    np.testing.assert_allclose(vocals.samples + rest.samples, whole.samples, atol=1e-6)
    assert np.std(vocals.samples) > np.std(rest.samples) > 0.05

    view = song.ask("GET", "/api/session")
    roles = {stem["file"]: stem["role"] for stem in view["session"]["stems"]}
    assert not view["can_undo"]
    assert roles == {"My Voice.vocals.wav": "lead", "My Voice.accompaniment.wav": "accompaniment"}
    assert [task["label"] for task in song.ask("GET", "/api/tasks")] == ["My Voice.wav"]

    again = over(song, song.ask("POST", "/api/tasks/separate", asked))
    assert (again["state"], again["hint"]) == ("failed", "choose another folder, or let it be written over")


def test_a_strip_is_taken_apart_in_one_step_of_the_history_and_gives_its_place_to_both(song):
    song.begin()
    song.change((["stems", 0, "name"], "whole"))
    asked = {"file": "My Voice.wav", "model": "mine.onnx", "instead_of": "whole"}
    done = over(song, song.ask("POST", "/api/tasks/separate", asked))
    assert done["state"] == "done", done
    stems = song.ask("GET", "/api/session")["session"]["stems"]
    assert [stem["file"] for stem in stems] == ["My Voice.vocals.wav", "My Voice.accompaniment.wav"]
    assert [stem["name"] for stem in song.ask("POST", "/api/session/undo")["session"]["stems"]] == ["whole"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"file": "../../etc/passwd"}, "has no file"),
        ({"file": "none.wav"}, "has no file 'none.wav'"),
        ({"file": "My Voice.wav", "model": "/tmp/evil.onnx"}, "no separation model is called"),
        ({"file": "My Voice.wav", "model": "voc-fx"}, "did you mean 'voc-ft'?"),
    ],
)
def test_nothing_outside_the_folder_is_taken_apart_or_run(song, asked, said):
    assert said in song.refused("POST", "/api/tasks/separate", asked)[1]
    assert song.ask("GET", "/api/tasks") == []


def test_models_are_told_with_what_they_give(song):
    known = song.ask("GET", "/api/catalog")["separators"]
    assert known[0] == {"name": "voc-ft", "about": "gives the vocals"}
    assert known[-1] == {"name": "mine.onnx", "about": "of this folder"}


def test_a_task_that_is_stopped_leaves_nothing_and_the_next_one_runs(song, monkeypatch):
    real = tasks.separate

    def stopped(task, **asked):
        task.cancel()
        real(task, **asked)

    monkeypatch.setattr(tasks, "separate", stopped)
    asked = {"file": "My Voice.wav", "model": "mine.onnx"}
    assert over(song, song.ask("POST", "/api/tasks/separate", asked))["state"] == "cancelled"
    monkeypatch.setattr(tasks, "separate", real)
    left = {path.name for path in song.studio.folder.iterdir()} - {".studio"}
    assert left == {"My Voice.wav", "mine.onnx", "mine.json"}
    assert over(song, song.ask("POST", "/api/tasks/separate", asked))["state"] == "done"


def recorded(api, data, name="me.wav"):
    answer = api.client.put(f"/api/tasks/recordings/{name}", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()["files"][0]


@pytest.fixture
def recording(tmp_path):
    """Six seconds of somebody, as bytes."""
    from training.cloning import test_reference as people

    audio.write(tmp_path / "me.wav", people.sung()[None], people.RATE)
    return (tmp_path / "me.wav").read_bytes()


@pytest.mark.slow
def test_a_recording_becomes_a_voice_whose_card_says_who_agreed(api, home, recording):
    pytest.importorskip("pyworld", reason="the clone extra is not installed")
    asked = {"file": recorded(api, recording), "name": "me", "consent": "myself"}
    done = over(api, api.ask("POST", "/api/tasks/clone", asked))
    assert done["state"] == "done", (done["error"], done["hint"], done["roles"])
    (singer,) = done["singers"]
    assert (singer["name"], singer["consent"]) == ("me", "myself")
    assert singer["low_hz"] < 220 < singer["high_hz"]
    assert "me" in [voice["name"] for voice in api.ask("GET", "/api/catalog")["voices"]]
    assert list(api.studio.recordings.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "me", "consent": " "}, "not said who is heard"),
        ({"name": "../me", "consent": "myself"}, "cannot be a voice's name"),
        ({"name": "me", "consent": "myself", "file": "../me.wav"}, "no recording"),
    ],
)
def test_without_consent_or_a_recording_nothing_is_cloned(api, home, recording, asked, said):
    asked = {"file": recorded(api, recording), **asked}
    assert said in api.refused("POST", "/api/tasks/clone", asked)[1]
    assert api.ask("GET", "/api/tasks") == []
    assert shelf.added() == ([], [])


def test_a_clone_that_cannot_be_says_why_and_leaves_no_recording(api, home, tmp_path):
    pytest.importorskip("pyworld", reason="the clone extra is not installed")
    audio.write(tmp_path / "short.wav", tone(220.0, 1.0), RATE)
    name = recorded(api, (tmp_path / "short.wav").read_bytes(), "short.wav")
    failed = over(api, api.ask("POST", "/api/tasks/clone", {"file": name, "name": "me", "consent": "myself"}))
    assert failed["state"] == "failed"
    assert failed["error"] == "'short.wav' lasts 1.0 s, 5 s are the least"
    assert list(api.studio.recordings.iterdir()) == []


@pytest.mark.parametrize("name", ["me.mid", "me.pth", "x.exe"])
def test_what_is_no_recording_is_not_taken_as_one(api, name):
    assert (
        "does not end as audio does" in api.refused("PUT", f"/api/tasks/recordings/{name}", content=b"x")[1]
    )


def test_a_task_that_nobody_asked_for_is_none(api):
    assert api.refused("GET", "/api/tasks/7") == (404, "there is no task 7")
