"""Progress is drawn on a terminal, said in lines when piped, and silent when quiet."""

import contextlib
import io
import os
import pty
import subprocess
import sys

import pytest

from svcfx.cli.progress import progress
from svcfx.events import Progress

SCRIPT = """
from svcfx.cli.progress import progress
from svcfx.events import Progress
with progress("singing"{quiet}) as report:
    report(Progress("convert", "a.wav", 0.25))
    report(Progress("convert", "b.wav", 0.5))
print("result")
"""


def test_piped_progress_is_a_line_a_label_and_a_quarter_on_stderr(capsys):
    with progress("singing") as report:
        report(Progress("convert", "a.wav", 0.0))
        report(Progress("convert", "a.wav", 0.2))
        report(Progress("convert", "a.wav", 0.5))
        report(Progress("convert", "a.wav", 0.6))
        report(Progress("write", "a.wav", 0.9))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "convert a.wav\nconvert a.wav, 50 % of all done\nwrite a.wav\n")


def test_quiet_says_nothing(capsys):
    with progress("singing", quiet=True) as report:
        report(Progress("convert", "a.wav", 0.5))
    assert capsys.readouterr() == ("", "")


def test_an_error_passes_through():
    with pytest.raises(ZeroDivisionError), progress("singing") as report:
        report(Progress("convert", "a.wav", 1 / 0))


def _on_a_terminal(quiet: str) -> tuple[str, str]:
    """Run SCRIPT with stderr on a pseudo terminal; return what stdout and the terminal got."""
    leader, follower = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(quiet=quiet)],
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(follower)
    out = run.communicate(timeout=300)[0].decode()
    seen = io.BytesIO()
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while chunk := os.read(leader, 65536):
            seen.write(chunk)
    os.close(leader)
    return out, seen.getvalue().decode()


def test_a_terminal_gets_a_bar_with_the_time_left_and_stdout_the_result():
    out, seen = _on_a_terminal("")
    assert out == "result\n"
    assert "singing" in seen
    assert "50%" in seen
    assert "b.wav" in seen
    assert _on_a_terminal(", quiet=True") == ("result\n", "")


def test_the_time_left_is_known_inside_one_long_file(synthetic_voice, tmp_path):
    import numpy as np

    from svcfx import audio
    from svcfx.session.files import convert_files
    from svcfx.session.isolate import Destination

    wave = (0.1 * np.sin(np.arange(16_000 * 30) * 0.08)).astype(np.float32)[None]
    audio.write(tmp_path / "long.wav", wave, 16_000)
    told: list[Progress] = []
    convert_files(
        [tmp_path / "long.wav"],
        voice=synthetic_voice,
        output=Destination(tmp_path / "out.wav"),
        on_progress=told.append,
    )
    shares = [report.done_fraction for report in told]
    assert shares == sorted(shares)
    assert len([share for share in shares if 0.0 < share < 1.0]) >= 3
    assert shares[-1] == 1.0
