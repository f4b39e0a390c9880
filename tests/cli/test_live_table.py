"""The table of a batch on a terminal says of each file how far it is, how fast, and what the cache gave."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.cli.live_table import HEAD, FileProgress, files_at_work
from svcfx.events import Progress
from svcfx.session.results import FileResult


class Clock:
    """Stands at the seconds that a test says."""

    now = 100.0

    def __call__(self):
        return self.now


def test_a_file_at_work_says_its_pace_and_its_time_left():
    clock = Clock()
    files = FileProgress(clock)
    files.on_progress(Progress("render", "a.wav", 0.0, 0.0, 60.0))
    clock.now += 5.0
    files.on_progress(Progress("render", "a.wav", 0.125, 0.25, 60.0))
    assert files.rows(9) == [
        ("a.wav", "render", "25%", "3.0", "", "15 s"),
        ("0 over", "", "12%", "", "", "0:35"),
    ]


def test_a_file_that_is_done_says_what_the_cache_gave():
    clock = Clock()
    files = FileProgress(clock)
    files.on_progress(Progress("render", "a.wav", 0.0, 0.0, 60.0))
    clock.now += 4.0
    here = Path("a.wav")
    files.on_result(FileResult("a.wav", here, here, "done", 60.0, 4.0, reused=(3, 12)))
    assert files.rows(9)[0] == ("a.wav", "done", "", "15.0", "3 of 12", "")


def test_where_room_is_short_those_at_work_are_shown():
    files = FileProgress(Clock())
    for name in "abcd":
        files.on_progress(Progress("render", name, 0.0, 0.0, 1.0))
    for name in "ac":
        files.on_result(FileResult(name, Path(name), Path(name), "done"))
    assert [row[0] for row in files.rows(3)] == ["c", "b", "d", "2 over"]


def test_a_file_that_is_begun_again_counts_from_there():
    clock = Clock()
    files = FileProgress(clock)
    files.on_progress(Progress("render", "a", 0.0, 0.9, 10.0))
    clock.now += 100.0
    files.on_progress(Progress("render", "a", 0.0, 0.0, 10.0))
    clock.now += 1.0
    files.on_progress(Progress("render", "a", 0.0, 0.5, 10.0))
    assert files.rows(1)[0] == ("a", "render", "50%", "5.0", "", "1 s")


def test_a_line_that_is_said_meanwhile_stays_above_the_table(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    drawn = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", drawn)
    with files_at_work("rendering", quiet=False) as told:
        for name in "abc":
            told.aside(f"Preview: out/{name}.wav")
    parts = drawn.getvalue().split("Preview: ")[1:]
    assert [part.splitlines()[0] for part in parts] == ["out/a.wav", "out/b.wav", "out/c.wav"]
    # Below each line the table is drawn before anything is rubbed out, so that is the table.
    assert all(0 < part.find(HEAD[0]) < part.find("\x1b[1A") for part in parts)


def test_a_batch_on_a_terminal_draws_it_there_and_leaves_stdout_alone(tmp_path):
    audio.write(tmp_path / "[b]take.wav", np.full((1, 8_000), 0.1, np.float32), 8_000)
    leader, follower = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "svcfx", "batch", "[b]take.wav", "-p", "drum-bus", "-o", "out"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
    )
    os.close(follower)
    drawn = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while piece := os.read(leader, 65536):
            drawn += piece
    os.close(leader)
    told = run.communicate()[0].decode()
    assert run.returncode == 0, drawn
    assert all(name.encode() in drawn for name in (*HEAD, "[b]take.wav"))
    assert told.splitlines()[0].split() == ["FILE", "STATUS", "RESULT"]
    assert "\x1b" not in told
