"""`svcfx export` and `svcfx import`: what goes out comes in, and what is lost is told."""

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "song"
    folder.mkdir()
    audio.write(folder / "lead.wav", np.full((1, 4410), 0.1, np.float32), 44_100)
    text = 'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "lead-vela"\n'
    (folder / "session.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, words, catch_exceptions=False)


def test_a_song_goes_out_under_its_own_name_and_comes_back(here):
    out = run("export", "song/session.toml")
    assert (out.stdout, out.stderr) == (
        "song.dawproject\n",
        "Not in it: stems[1].preset = 'lead-vela'\n",
    )
    back = run("import", "song.dawproject", "-o", "back")
    assert (back.stdout, back.stderr) == ("back/session.toml\n", "")
    assert (here / "back/audio/lead.wav").read_bytes() == (here / "song/lead.wav").read_bytes()


def test_nothing_is_overwritten_unasked(here):
    run("export", "song/session.toml")
    assert run("export", "song/session.toml").exit_code == 2
    assert run("import", "song.dawproject").exit_code == 2  # there is a folder of that name
    assert run("export", "song/session.toml", "--on-exists", "overwrite", "--quiet").stderr == ""
