import json

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main

RATE = 44_100


@pytest.fixture
def session(tmp_path):
    """A song of one stem that is too loud at +12 dB, in a folder `ballad`."""
    folder = tmp_path / "ballad"
    folder.mkdir()
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE).astype(np.float32)[None]
    audio.write(folder / "lead.wav", tone, RATE)
    path = folder / "session.toml"
    path.write_text('svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\ngain_db = 12\n')
    return path


def svcfx(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_session_becomes_a_mix_named_on_stdout(session, tmp_path):
    done = svcfx("render", session, "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout == f"{tmp_path / 'out' / 'ballad.wav'}\n"
    assert "stem lead" in done.stderr
    assert "Warning: the mix peaks at +6.0 dBFS and clips" in done.stderr
    assert audio.probe(tmp_path / "out/ballad.wav").frames == 3 * RATE


def test_without_a_folder_results_go_to_renders(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert svcfx("render", session, "--quiet").stdout == "renders/ballad/ballad.wav\n"


def test_quiet_says_nothing_but_the_result(session, tmp_path):
    done = svcfx("render", session, "-o", tmp_path / "out", "--quiet")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_json_is_one_object_a_line(session, tmp_path):
    done = svcfx("render", session, "-o", tmp_path / "out", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["note", "output", "done"]
    assert (events[0]["code"], events[0]["warning"]) == ("clips", True)
    assert events[2]["audio_seconds"] == 3.0


def test_strict_turns_a_warning_into_exit_code_4(session, tmp_path):
    done = svcfx("render", session, "-o", tmp_path / "out", "--strict")
    assert done.exit_code == 4
    assert "Error: 1 warning, " in done.stderr
    assert (tmp_path / "out/ballad.wav").exists()


def test_a_dry_run_prints_the_plan_and_writes_nothing(session, tmp_path):
    done = svcfx("render", session, "-o", tmp_path / "out", "--dry-run")
    assert done.exit_code == 0
    assert "3.0 s at 44100 Hz" in done.stdout
    assert "lead  lead, no preset" in done.stdout
    assert not (tmp_path / "out").exists()
    plan = json.loads(svcfx("render", session, "-o", tmp_path / "out", "--dry-run", "--json").stdout)
    assert plan["event"] == "plan"
    assert plan["stems"][0]["name"] == "lead"
    assert plan["outputs"] == [str(tmp_path / "out/ballad.wav")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "leed"\n', "did you mean 'lead'?"),
        ('svcfx_session = 1\n[[stems]]\nfile = "laed.wav"\nrole = "lead"\n', "did you mean 'lead.wav'?"),
        (
            'svcfx_session = 1\n[[stems]]\nfile = "../../x.wav"\nrole = "lead"\n',
            "leads outside the session's folder",
        ),
        (
            'svcfx_session = 1\n[[stems]]\nfile = "/etc/passwd"\nrole = "lead"\n',
            "leads outside the session's folder",
        ),
        ("svcfx_session = 9\n", "svcfx_session is 9"),
        ("this is no toml", "is no TOML"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(session, text, said):
    session.write_text(text)
    done = svcfx("render", session)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_a_folder_may_be_allowed(session, tmp_path):
    (tmp_path / "deep/down").mkdir(parents=True)
    audio.write(tmp_path / "deep/down/far.wav", np.zeros((1, RATE), np.float32), RATE)
    session.write_text(session.read_text().replace("lead.wav", str(tmp_path / "deep/down/far.wav")))
    assert svcfx("render", session, "-o", tmp_path / "out").exit_code == 2
    allowed = svcfx("render", session, "-o", tmp_path / "out", "--allow-path", tmp_path / "deep")
    assert allowed.exit_code == 0


def test_inspect_prints_the_recipe(session, tmp_path):
    svcfx("render", session, "-o", tmp_path / "out")
    mix = tmp_path / "out/ballad.wav"
    done = svcfx("inspect", mix)
    assert done.exit_code == 0
    assert "ballad (mix), made by svcfx" in done.stdout
    assert "lead.wav (lead)" in done.stdout
    assert json.loads(svcfx("inspect", mix, "--json").stdout)["kind"] == "mix"
    with mix.open("ab") as file:
        file.write(b"x")
    assert "was changed after its recipe" in svcfx("inspect", mix).stderr
    done = svcfx("inspect", session.parent / "lead.wav")
    assert done.exit_code == 2
    assert "has no recipe" in done.stderr


def test_a_watched_session_is_rendered_again_when_it_changes_and_a_mistake_is_waited_out(
    session, tmp_path, monkeypatch
):
    text = session.read_text()
    mix = tmp_path / "out" / "ballad.wav"
    levels = []

    def write(new):
        levels.append(np.abs(audio.read(mix).samples).max())
        session.write_text(new)

    changes = [
        lambda: write(text.replace("12", "0")),
        lambda: None,
        lambda: write("svcfx_session = 1\n[["),
        lambda: None,
        lambda: write(text.replace("12", "-6")),
        lambda: None,
        lambda: write(text),
    ]

    def sleep(_seconds):
        if not changes:
            raise KeyboardInterrupt
        changes.pop(0)()

    monkeypatch.setattr("svcfx.session.watching.time.sleep", sleep)
    done = svcfx("render", session, "-o", tmp_path / "out", "--watch", "--quiet")
    assert done.exit_code == 130
    assert done.stdout == f"{mix}\n" * 3
    assert done.stderr.count("Error: ") == 1
    assert "is no TOML" in done.stderr
    np.testing.assert_allclose(levels, [1.0, 0.5, 0.5, 0.25], rtol=0.01)


def test_what_is_wrong_at_first_ends_a_watch(session, tmp_path):
    svcfx("render", session, "-o", tmp_path / "out")
    session.write_text(session.read_text().replace("12", "0"))
    done = svcfx("render", session, "-o", tmp_path / "out", "--watch")
    assert done.exit_code == 2
    assert "exists already" in done.stderr
