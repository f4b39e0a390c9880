"""Several sessions by one command: shared by processes, each named, and none the victim of another."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main

RATE = 44_100
SESSION = 'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "lead-vela"\n'


@pytest.fixture
def songs(tmp_path, monkeypatch):
    """Three songs of a second, each another tone that a shipped voice sings."""
    for number, name in enumerate(("ballad", "march", "waltz")):
        folder = tmp_path / "songs" / name
        folder.mkdir(parents=True)
        seconds = np.arange(RATE) / RATE
        tone = sum(np.sin(2 * np.pi * 196.0 * (1 + number / 8) * k * seconds) / k for k in range(1, 9))
        audio.write(folder / "lead.wav", (0.1 * tone).astype(np.float32)[None], RATE)
        (folder / "session.toml").write_text(SESSION)
    monkeypatch.chdir(tmp_path)
    return [Path("songs") / name / "session.toml" for name in ("ballad", "march", "waltz")]


def svcfx(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*.wav")}


@pytest.mark.slow
def test_songs_are_the_same_for_any_number_of_processes(songs):
    for song in songs:
        alone = svcfx("render", song, "-o", Path("alone") / song.parent.name, "--no-cache", "--quiet")
        assert alone.exit_code == 0
    for jobs in (1, 2):
        done = svcfx("render", *songs, "-o", f"out{jobs}", "--jobs", jobs, "--no-cache", "--quiet")
        assert done.exit_code == 0
        assert done.stdout.splitlines() == [
            f"out{jobs}/{name}/{name}.wav" for name in ("ballad", "march", "waltz")
        ]
        assert files_in(f"out{jobs}") == files_in("alone")


@pytest.mark.slow
def test_processes_share_what_is_kept(songs):
    assert svcfx("render", *songs, "--jobs", 2, "--cache", "kept").exit_code == 0
    again = svcfx("render", *songs, "--jobs", 2, "--cache", "kept", "-o", "elsewhere")
    assert again.exit_code == 0
    for name in ("ballad", "march", "waltz"):
        assert f"'{name}': 1.0 s of music" not in again.stderr
        assert f"'{name}': " in again.stderr
    assert again.stderr.count("1 of 1 steps were there already") == 3


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_song_that_fails_leaves_the_others(songs, jobs):
    songs[1].write_text(SESSION.replace("lead.wav", "laed.wav"))
    done = svcfx("render", *songs, "--jobs", jobs)
    assert done.exit_code == 3
    assert "Failed: 'march': " in done.stderr
    assert "did you mean 'lead.wav'?" in done.stderr
    assert "Error: 1 of 3 songs failed; the others are on disk" in done.stderr
    assert done.stdout.splitlines() == ["renders/ballad/ballad.wav", "renders/waltz/waltz.wav"]
    assert not Path("renders/march").exists()


def test_where_all_fail_the_first_says_why(songs):
    for song in songs:
        song.write_text("this is no toml")
    done = svcfx("render", *songs)
    assert done.exit_code == 2
    assert "all 3 songs failed, the first because" in done.stderr


@pytest.mark.slow
def test_json_names_the_song_of_each_line(songs):
    songs[2].write_text("svcfx_session = 9\n")
    done = svcfx("render", *songs, "--json", "--jobs", 2)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ended = {line["session"]: line["event"] for line in lines}
    assert ended == {"songs/ballad/session.toml": "done", "songs/march/session.toml": "done",
                     "songs/waltz/session.toml": "failed"}  # fmt: skip


def test_two_of_one_name_are_refused_before_anything_is_rendered(songs, tmp_path):
    (tmp_path / "more/waltz").mkdir(parents=True)
    (tmp_path / "more/waltz/session.toml").write_text(SESSION)
    done = svcfx("render", *songs, "more/waltz/session.toml")
    assert done.exit_code == 2
    assert "'songs/waltz/session.toml' and 'more/waltz/session.toml' are both called 'waltz'" in done.stderr
    assert not Path("renders").exists()


@pytest.mark.slow
def test_each_has_a_page_of_its_own(songs):
    done = svcfx("render", *songs[:2], "--report", "--jobs", 2, "--quiet")
    assert done.exit_code == 0
    for name in ("ballad", "march"):
        assert f"renders/{name}/{name}.html" in done.stdout.splitlines()
        assert Path(f"renders/{name}/{name}.html").is_file()


def test_a_dry_run_plans_them_all_and_watching_takes_one(songs):
    planned = svcfx("render", *songs, "--dry-run", "--json")
    assert [json.loads(line)["session"] for line in planned.stdout.splitlines()] == [
        str(song) for song in songs
    ]
    assert not Path("renders").exists()
    watched = svcfx("render", *songs, "--watch")
    assert watched.exit_code == 2
    assert "--watch looks at one session" in watched.stderr
