"""`svcfx session new`: a folder of stems becomes a session, and nothing is lost by it."""

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main


@pytest.fixture
def stems(tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for name in ("lead.wav", "band.wav"):
        audio.write(folder / name, np.full((1, 4410), 0.1, np.float32), 44_100)
    return folder


def run(*words):
    return CliRunner().invoke(main, ["session", "new", *map(str, words)], catch_exceptions=False)


def test_a_session_is_written_and_its_path_printed(stems):
    done = run(stems)
    assert done.stdout == f"{stems / 'session.toml'}\n"
    assert (stems / "session.toml").read_text().startswith("svcfx_session = 1\n")


def test_a_dry_run_prints_what_would_be_written_and_writes_nothing(stems):
    shown = run(stems, "--dry-run").stdout
    assert not (stems / "session.toml").exists()
    run(stems)
    assert (stems / "session.toml").read_text() == shown


def test_a_session_that_is_there_stays_unless_that_is_asked_for(stems):
    (stems / "session.toml").write_text("mine")
    refused = run(stems)
    assert (refused.exit_code, (stems / "session.toml").read_text()) == (2, "mine")
    assert run(stems, "--on-exists", "rename").stdout == f"{stems / 'session-2.toml'}\n"
    assert run(stems, "--on-exists", "overwrite").exit_code == 0
    assert "svcfx_session" in (stems / "session.toml").read_text()


def test_a_session_elsewhere_names_stems_from_there_or_refuses_them(stems, tmp_path):
    assert run(stems, "-o", tmp_path / "other/session.toml").exit_code == 0
    assert 'file = "../song/lead.wav"' in (tmp_path / "other/session.toml").read_text()
    far = run(stems, "-o", tmp_path / "a/b/session.toml")
    assert far.exit_code == 2
    assert "lead.wav" in far.stderr or "band.wav" in far.stderr


def test_what_is_left_out_is_told(stems):
    (stems / "cut.wav").write_bytes(b"RIFF")
    assert "Left out: cut.wav: " in run(stems).stderr
    assert "Left out" not in run(stems, "--dry-run", "--quiet").stderr
