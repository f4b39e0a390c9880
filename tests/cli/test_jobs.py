"""`svcfx jobs` and `svcfx batch --resume`: what a batch was asked for is known, and gone on with."""

import json
import sqlite3
from pathlib import Path

import pytest

from svcfx import audio
from svcfx.atomic import atomic
from svcfx.session.entry import RunEntry
from svcfx.session.journal import FOLDER, NAME, Journal

QUIETER = 'svcfx_preset = 1\nname = "quieter"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'


@pytest.fixture
def takes(tmp_path, sung) -> Path:
    """A folder of three short vocals, with a preset beside it."""
    (tmp_path / "takes").mkdir()
    for name in "abc":
        sung(tmp_path / "takes" / f"{name}.wav", seconds=0.2)
    (tmp_path / "quieter.toml").write_text(QUIETER)
    return tmp_path / "takes"


@pytest.fixture
def stopped(svcfx, takes, monkeypatch):
    """A batch of these that Ctrl-C stopped before its second file."""
    command = ("batch", takes, "-p", takes.parent / "quieter.toml")
    real = audio.read

    def read(path):
        if path.name == "b.wav":
            raise KeyboardInterrupt
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr("svcfx.session.isolate.audio.read", read)
        assert svcfx(*command).exit_code == 130
    return command


def jobs(svcfx, *words):
    result = svcfx("jobs", *words, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_batch_is_listed_with_what_it_was_asked_for(svcfx, takes):
    svcfx("batch", takes, "-p", takes.parent / "quieter.toml", "--set", "gain.gain_db=-3")
    [job] = jobs(svcfx)
    assert (job["run"], job["state"], job["files"]) == (1, "done", {"done": 3})
    assert job["request"]["settings"] == {"gain.gain_db": "-3"}
    assert job["request"]["paths"] == [str(takes)]
    shown = svcfx("jobs").stdout.splitlines()[1]
    assert "3 done" in shown
    assert shown.endswith("quieter: takes")
    files = jobs(svcfx, "show")
    assert [file["file"] for file in files] == ["a.wav", "b.wav", "c.wav"]
    assert all(Path(file["output"]).is_file() for file in files)


@pytest.mark.parametrize("words", [(), ("batch", "--resume")], ids=["the same command", "--resume"])
def test_what_was_stopped_goes_on_and_is_one_run(svcfx, stopped, words):
    [job] = jobs(svcfx)
    assert (job["state"], job["files"]) == ("stopped", {"done": 1, "waiting": 2})
    result = svcfx(*(words or stopped))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "2 done, 1 skipped"
    [job] = jobs(svcfx)
    assert (job["state"], job["files"]) == ("done", {"done": 3})


def test_other_settings_are_another_run(svcfx, stopped):
    result = svcfx(*stopped, "--set", "gain.gain_db=-3", "--on-exists", "skip")
    assert result.stdout.splitlines()[-1] == "3 done"
    assert [job["state"] for job in jobs(svcfx)] == ["stopped", "done"]


def test_to_overwrite_is_to_make_everything(svcfx, stopped):
    over = (*stopped, "--on-exists", "overwrite")
    assert svcfx(*over).stdout.splitlines()[-1] == "3 done"
    assert svcfx(*over).stdout.splitlines()[-1] == "3 done"


def test_a_file_that_failed_is_tried_again(svcfx, takes, sung):
    (takes / "broken.wav").write_bytes(b"no audio")
    command = ("batch", takes, "-p", takes.parent / "quieter.toml")
    assert svcfx(*command).exit_code == 3
    assert jobs(svcfx)[0]["state"] == "failed"
    assert "no audio file" in jobs(svcfx, "show")[2]["error"]
    sung(takes / "broken.wav", seconds=0.2)
    assert svcfx("batch", "--resume").stdout.splitlines()[-1] == "1 done, 3 skipped"
    assert jobs(svcfx)[0]["files"] == {"done": 4}


def test_there_is_nothing_to_go_on_with(svcfx, takes):
    assert "nothing in 'renders' is left to go on with" in svcfx("batch", "--resume").stderr
    svcfx("batch", takes, "-p", takes.parent / "quieter.toml")
    assert svcfx("batch", "--resume").exit_code == 2
    assert svcfx("jobs", "-o", "elsewhere").stdout == "no batch yet\n"
    assert "has no run 7 of a batch" in svcfx("jobs", "show", "7").stderr


def test_resume_takes_no_other_request(svcfx, stopped):
    result = svcfx("batch", "--resume", "-p", "other")
    assert result.exit_code == 2
    assert "leave preset out" in result.stderr


def test_a_journal_of_a_stranger_is_refused_and_names_no_plug_in(svcfx, stopped):
    path = Path("renders") / FOLDER / NAME
    with sqlite3.connect(path) as base:
        [[text]] = base.execute("SELECT request FROM runs").fetchall()
        wild = json.dumps({**json.loads(text), "allow_plugins": ["/tmp/evil.vst3"]})
        base.execute("UPDATE runs SET request = ?", (wild,))
    base.close()
    result = svcfx("batch", "--resume")
    assert result.exit_code == 2
    assert "holds no request of a batch" in result.stderr


def test_a_damaged_journal_costs_no_result(svcfx, takes):
    (Path("renders") / FOLDER).mkdir(parents=True)
    (Path("renders") / FOLDER / NAME).write_bytes(b"no database" * 1000)
    result = svcfx("batch", takes, "-p", takes.parent / "quieter.toml")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "3 done"
    assert "the journal in" in result.stderr
    listed = svcfx("jobs")
    assert listed.exit_code == 2
    assert "is no journal of batches" in listed.stderr


@pytest.mark.parametrize(
    "change", ["begun = 'noon'", "state = 'odd'", "request = '{'", "request = '[]'", "request = x'ff'"]
)
def test_a_journal_that_holds_something_else_is_refused_in_a_sentence(svcfx, stopped, change):
    with sqlite3.connect(Path("renders") / FOLDER / NAME) as base:
        base.execute(f"UPDATE runs SET {change}")
    base.close()
    for words in (("jobs",), ("batch", "--resume")):
        result = svcfx(*words)
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("Error: ")
    assert svcfx(*stopped).exit_code == 0


def test_two_batches_at_once_leave_each_others_files_alone(svcfx, takes, tmp_path):
    command = ("batch", takes, "-p", takes.parent / "quieter.toml", "-o", tmp_path / "out")
    first = RunEntry.of(Journal(tmp_path / "out"), {"first": True})
    dead = tmp_path / "out" / ".a_quieter-abcdefgh.wav"
    with first.running(()), atomic(tmp_path / "out" / "b_quieter.wav") as living:
        assert [one.state for one in Journal(tmp_path / "out").runs()] == ["running"]
        dead.touch()
        assert svcfx(*command).exit_code == 0
        assert living.exists()
        assert not dead.exists()
    assert [one.state for one in Journal(tmp_path / "out").runs()] == ["done", "done"]


def test_many_jobs_of_one_manifest_are_reported_a_line_each_and_gone_on_with(svcfx, takes, monkeypatch):
    lines = "".join(f"takes/{'abc'[n % 3]}.wav,n{n:03},{-(n % 5)}\n" for n in range(90))
    (takes.parent / "album.csv").write_text(f"input,name,gain.gain_db\n{lines}")
    command = ("batch", "--manifest", takes.parent / "album.csv", "-p", takes.parent / "quieter.toml")
    left = 30
    real = audio.read

    def read(path):
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr("svcfx.session.isolate.audio.read", read)
        assert svcfx(*command).exit_code == 130
    result = svcfx("batch", "--resume", "--json", "--quiet")
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["status"] for one in told] == ["skipped"] * 29 + ["done"] * 61
    assert len({one["output"] for one in told}) == 90
    [job] = jobs(svcfx)
    assert (job["state"], job["files"]) == ("done", {"done": 90})
    assert svcfx("jobs").stdout.splitlines()[-1].endswith("quieter: album.csv")


def test_a_manifest_and_paths_are_one_too_many(svcfx, takes):
    (takes.parent / "album.csv").write_text("input\ntakes/a.wav\n")
    result = svcfx("batch", takes, "--manifest", takes.parent / "album.csv")
    assert result.exit_code == 2
    assert "PATH and --manifest" in result.stderr
    assert svcfx("batch", takes).exit_code == 2
