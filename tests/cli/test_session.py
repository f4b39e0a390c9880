"""`svcfx session`: a folder of stems becomes a session, a strip's sound a preset, and nothing is lost."""

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio, preset
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


def test_a_strips_sound_is_kept_as_a_preset_with_what_the_session_sets(stems):
    (stems / "room.toml").write_text(
        'svcfx_preset = 1\nname = "room"\ndescription = "A room."\n'
        '[[nodes]]\nnode = "Reverb"\nwet_level = 0.1\n'
    )
    (stems / "session.toml").write_text(
        'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "room.toml"\n'
        'set = { "reverb.wet_level" = 0.5 }\n[[stems]]\nfile = "band.wav"\nrole = "pass"\n'
    )
    session, target = stems / "session.toml", stems / "mine"

    def keep(*words):
        return CliRunner().invoke(main, ["session", "preset", str(session), *map(str, words)])

    done = keep("lead", target)
    assert done.stdout == f"{target}.toml\n", done.stderr
    found = preset.check(f"{target}.toml")
    assert (found.name, found.description) == ("mine", "A room.")
    assert found.nodes[0].parameters["wet_level"] == 0.5
    assert keep("lead", target).exit_code == 2
    assert "no preset" in keep("band", stems / "other").stderr
    assert "did you mean 'lead'?" in keep("leed", stems / "other").stderr
    assert not (stems / "other.toml").exists()
