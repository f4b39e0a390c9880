"""A voice is trained of recordings that come in: as the command line trains it, or not at all."""

import errno
import io
import shlex
import shutil
import time
import zipfile

import needs
import pytest
from click.testing import CliRunner
from training.prepare.sung import melody, write
from training.vits import made as vits
from ui.conftest import opened

pytest.importorskip("pyworld", reason="the extra train is not installed")
from svcfx.cli.main import main
from svcfx.training import kinds, making
from svcfx.training.prepare import workers
from svcfx.training.tuning import request
from svcfx.training.vits import recipe
from svcfx.voices import shelf

pytestmark = needs.TRAIN

NAME = "trainings/me"
ASKED = {"name": "me", "consent": "myself", "steps": 2}


@pytest.fixture(autouse=True)
def small(monkeypatch, synthetic_voice, home):
    """The voice that is begun with is the small made-up one, and a training is checked at every step."""
    monkeypatch.setattr(request, "BASE", synthetic_voice)
    monkeypatch.setitem(kinds.DEFAULTS, "batch", (2, 2))
    monkeypatch.setitem(kinds.DEFAULTS, "check_every", (1, 1))
    monkeypatch.setattr(workers, "usual", lambda: 1)


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    """Two takes of a singer, as bytes by name."""
    folder = tmp_path_factory.mktemp("takes")
    paths = [write(folder / f"{seed}.wav", melody(5.0, seed=seed)) for seed in (1, 2)]
    return {path.name: path.read_bytes() for path in paths}


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def sent(api, name, data):
    answer = api.client.put(f"/api/trainings/recordings/{name}", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()["files"]


def over(api, training):
    """A training, once no task works on it."""
    until = time.monotonic() + 600
    while training["task"]["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.02)
        (training,) = api.ask("GET", "/api/trainings")
    return training


def begun(api, takes, **more):
    """A training whose recordings were listened to."""
    files = [name for take, data in takes.items() for name in sent(api, take, data)]
    return over(api, api.ask("POST", "/api/trainings", {**ASKED, "files": files, **more}))


@pytest.mark.slow
def test_recordings_become_a_voice_on_the_shelf_and_the_commands_that_are_shown_come_to_the_same(
    api, takes, tmp_path, monkeypatch
):
    seen = begun(api, takes)
    assert (seen["name"], seen["task"]["state"]) == (NAME, "done"), seen["task"]
    told = seen["begun"]
    assert 0.1 < told["material"]["minutes"] < 0.2
    assert told["material"]["low_hz"] < 220.0 < told["material"]["high_hz"]
    assert any("ten make a better voice" in said for said in told["material"]["cautions"])
    assert told["cost"]["seconds"] > 0
    assert (told["done_steps"], told["shelved_step"], seen["previews"]) == (0, None, [])
    assert shelf.added()[0] == []

    done = over(api, api.ask("POST", "/api/trainings/train", {"name": NAME}))
    assert done["task"]["state"] == "done", done["task"]
    assert [singer["name"] for singer in done["task"]["singers"]] == ["me"]
    assert (done["steps"], done["previews"], done["begun"]["shelved_step"]) == ([1, 2], [1, 2], 2)
    assert (shelf.find("me").consent, shelf.find("me").family) == ("myself", "parametric")

    folder, again = api.studio.folder / NAME, tmp_path / "me"
    shutil.copytree(folder / "recordings", again / "recordings")
    monkeypatch.setenv("SVCFX_HOME", str(tmp_path / "another home"))
    for line in told["commands"]:
        more = ["--batch", "2", "--check-every", "1"] if " run " in line else []
        ran = CliRunner().invoke(main, [*shlex.split(line.replace(str(folder), str(again)))[1:], *more])
        assert ran.exit_code == 0, ran.output
    for part in ("dataset/dataset.toml", "dataset/prepared.json", "dataset/report.html", "voice.safetensors"):
        assert (folder / part).read_bytes() == (again / part).read_bytes(), part
    assert shelf.find("me").licence == done["task"]["singers"][0]["licence"]


@pytest.mark.slow
def test_a_network_of_another_family_is_trained_so_too(api, takes, monkeypatch):
    banded = {"upsample_rates": [8, 4], "upsample_kernel_sizes": [32, 16]}
    tiny = {key: value for key, value in vits.TINY.items() if not key.startswith("upsample_rates")}
    monkeypatch.setattr(recipe, "_SMALL", {**tiny, **banded})
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    seen = begun(api, takes, family="quickvc", content="builtin", size="small", steps=1)
    assert seen["task"]["state"] == "done", seen["task"]
    assert "--encoder builtin" in seen["begun"]["commands"][0]
    assert seen["begun"]["commands"][1].endswith("--family quickvc --size small --steps 1 --devices 1")
    done = over(api, api.ask("POST", "/api/trainings/train", {"name": NAME}))
    assert (done["task"]["state"], done["task"]["error"]) == ("done", "")
    assert (done["begun"]["shelved_step"], shelf.find("me").consent) == (1, "myself")
    assert (api.studio.folder / NAME / "G_1.pth").is_file()


@pytest.mark.slow
def test_a_training_that_is_stopped_goes_on_in_another_studio_and_is_shelved_before_its_end(folder, takes):
    with opened(folder) as api:
        begun(api, takes, steps=10**6)
        running = api.ask("POST", "/api/trainings/train", {"name": NAME})
        number = running["task"]["number"]
        assert "is being worked on" in api.refused("POST", "/api/trainings/train", {"name": NAME})[1]
        while not running["previews"]:
            assert running["task"]["state"] in ("queued", "running"), running["task"]
            time.sleep(0.02)
            (running,) = api.ask("GET", "/api/trainings")
        api.ask("DELETE", f"/api/tasks/{number}")
        stopped = over(api, running)
        assert stopped["task"]["state"] == "cancelled", stopped["task"]
        assert stopped["begun"]["done_steps"] >= stopped["previews"][-1]
    with opened(folder) as api:
        (seen,) = api.ask("GET", "/api/trainings")
        assert seen["task"] is None
        step = seen["begun"]["done_steps"]
        assert step == stopped["begun"]["done_steps"]
        shelved = api.ask("POST", "/api/trainings/shelve", {"name": NAME})
        assert over(api, shelved)["begun"]["shelved_step"] == step
        assert shelf.find("me").consent == "myself"
        further = api.ask("PATCH", "/api/trainings", {"name": NAME, "steps": step + 1})
        assert further["begun"]["steps"] == step + 1
        done = over(api, api.ask("POST", "/api/trainings/train", {"name": NAME}))
        assert done["task"]["state"] == "done", done["task"]
        assert done["begun"]["shelved_step"] == step + 1
        assert f"going on from step {step}" in done["task"]["notes"]


def test_recordings_of_a_zip_are_taken_from_all_its_folders_and_nothing_else_is(api, takes):
    one, two = takes.values()
    files = {"a/take.wav": one, "b/take.wav": two, "__MACOSX/a/._take.wav": b"x", "notes.txt": b"x"}
    assert sent(api, "me.zip", zipped(files)) == ["take.wav", "take-2.wav"]
    assert sorted(path.name for path in api.studio.takes.iterdir()) == ["take-2.wav", "take.wav"]
    assert list((api.studio.own / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("me.zip", {"../../out.wav": b"x"}, "leads out of it"),
        ("me.zip", {"notes.txt": b"x"}, "'me.zip' holds no recording"),
        ("me.zip", {"good.wav": None, "evil.wav": b"<script>"}, "'evil.wav'"),
        ("me.zip", None, "cannot be unpacked"),
        ("me.exe", None, "does not end as recordings or a zip of them do"),
        ("me.wav", None, "'me.wav'"),
    ],
)
def test_what_is_no_recording_is_refused_and_nothing_is_left_of_it(api, takes, name, files, said):
    one = next(iter(takes.values()))
    data = b"PK\3\4 nothing" if files is None else zipped({key: value or one for key, value in files.items()})
    assert said in api.refused("PUT", f"/api/trainings/recordings/{name}", content=data)[1]
    assert not api.studio.takes.is_dir() or list(api.studio.takes.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"consent": " "}, "not said who sings and agreed"),
        ({"name": "../me"}, "cannot be a voice's name"),
        ({"name": "vela"}, "is a singer of voice"),
        ({"files": ["../1.wav"]}, "no recording '../1.wav' was uploaded"),
        ({"files": []}, "no recording is given"),
        ({"family": "rvc"}, "family is 'rvc'"),
        ({"content": "vec256l9"}, "content is 'vec256l9', allowed are builtin"),
        ({"base": "/etc/passwd"}, "base is '/etc/passwd'"),
        ({"base": "hf:owner/repo"}, "base is 'hf:owner/repo'"),
        ({"steps": 0}, "steps is 0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(api, takes, asked, said):
    (name,) = sent(api, "1.wav", takes["1.wav"])
    assert said in api.refused("POST", "/api/trainings", {**ASKED, "files": [name], **asked})[1]
    assert api.ask("GET", "/api/trainings") == []
    assert [path.name for path in api.studio.takes.iterdir()] == ["1.wav"]
    assert not api.studio.voices_begun.exists()


def test_a_full_disk_leaves_no_half_of_a_training(api, takes, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    files = sent(api, "1.wav", takes["1.wav"])
    monkeypatch.setattr(making.shutil, "move", full)
    status, said = api.refused("POST", "/api/trainings", {**ASKED, "files": files})
    assert (status, "no space left" in said) == (507, True)
    assert list(api.studio.voices_begun.iterdir()) == []


def test_recordings_that_cannot_be_trained_on_say_why_and_can_be_taken_away(api, tmp_path):
    path = write(tmp_path / "silent.wav", melody(2.0) * 0)
    seen = begun(api, {"silent.wav": path.read_bytes()})
    assert seen["task"]["state"] == "failed"
    said = "nothing in 'recordings' can be trained on: 'silent.wav': there is nothing to hear in it"
    assert seen["task"]["error"] == said
    assert "were not listened to yet" in api.refused("POST", "/api/trainings/train", {"name": NAME})[1]
    assert (
        "a training of 'me' is there already"
        in api.refused("POST", "/api/trainings", {**ASKED, "files": sent(api, "1.wav", path.read_bytes())})[1]
    )
    assert api.ask("DELETE", f"/api/trainings?name={NAME}") == []
    assert not (api.studio.folder / NAME).exists()


def test_only_what_was_begun_in_a_studio_is_gone_on_with_or_taken_away(api):
    other = api.studio.folder / "voices" / "you"
    other.mkdir(parents=True)
    (other / "curve.csv").write_text("step,check\n1,2.0\n")
    for method, path, body in (
        ("POST", "/api/trainings/train", {"name": "voices/you"}),
        ("POST", "/api/trainings/prepare", {"name": "voices/you"}),
        ("DELETE", "/api/trainings?name=voices/you", None),
        ("DELETE", "/api/trainings?name=trainings/../voices", None),
        ("DELETE", "/api/trainings?name=", None),
    ):
        assert api.refused(method, path, body)[0] == 404
    assert (other / "curve.csv").exists()


def test_what_was_damaged_by_hand_is_said_where_it_is_asked_for_and_the_others_are_shown(api):
    out = api.studio.voices_begun / "me"
    out.mkdir(parents=True)
    (out / making.NAME).write_text("{}")
    (seen,) = api.ask("GET", "/api/trainings")
    assert seen["begun"] is None
    assert "cannot be read" in seen["error"]


def test_families_are_told_with_what_each_needs(api):
    first, *others = api.ask("GET", "/api/catalog")["trainable"]
    assert (first["name"], first["sizes"], first["steps"]) == ("parametric", [], 400)
    assert "tess" not in first["bases"]
    assert "made-up" in first["bases"]
    assert {other["name"] for other in others} == {"sovits41", "sovits40", "fork", "quickvc"}
    assert [content["is_here"] for content in others[0]["contents"]] == [False, False, True]


@pytest.mark.slow
def test_more_recordings_are_listened_to_until_something_is_trained(api, takes):
    first, second = takes
    training = begun(api, {first: takes[first]})
    minutes = training["begun"]["material"]["minutes"]
    files = sent(api, second, takes[second])
    training = over(api, api.ask("POST", "/api/trainings/recordings", {"name": NAME, "files": files}))
    assert training["task"]["state"] == "done", training["task"]
    assert training["begun"]["material"]["minutes"] > 1.5 * minutes
    again = {"name": NAME, "files": sent(api, second, takes[second])}
    assert api.refused("POST", "/api/trainings/recordings", again) == (
        409,
        f"a recording '{second}' is there already",
    )
    assert api.refused("POST", "/api/trainings/recordings", {"name": NAME, "files": []})[0] == 422
    over(api, api.ask("POST", "/api/trainings/train", {"name": NAME}))
    told = api.refused(
        "POST", "/api/trainings/recordings", {"name": NAME, "files": sent(api, "third.wav", takes[first])}
    )
    assert told == (422, "'me' is trained to step 2 on the recordings that it has")
