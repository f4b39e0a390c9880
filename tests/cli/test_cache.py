"""What a person sees of the cache: less waiting, a line about it, and commands to look after it."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.caching import shown, size_of
from svcfx.cli.main import main
from svcfx.errors import ParamError

SESSION = """svcfx_session = 1
[[stems]]
file = "one.wav"
role = "pass"
preset = "one.toml"
gain_db = {gain}
"""


@pytest.fixture
def song(tmp_path, monkeypatch):
    monkeypatch.setenv("SVCFX_CACHE", str(tmp_path / "cache"))
    when = np.arange(22_050) / 44_100
    audio.write(tmp_path / "one.wav", (0.2 * np.sin(1400 * when))[None].astype(np.float32), 44_100)
    (tmp_path / "one.toml").write_text('svcfx_preset = 1\nname = "one"\n[[nodes]]\nnode = "Reverb"\n')
    return tmp_path


def run(*arguments):
    done = CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def render(song, *options, gain=0.0):
    (song / "song.toml").write_text(SESSION.format(gain=gain))
    return run("render", song / "song.toml", "-o", song / "out", *options)


def steps(*where):
    return json.loads(run("cache", "show", "--json", *where))["steps"]


KEPT = 2
"""Of a song of one stem: the stem, and where its source is over."""


def test_a_song_is_kept_and_the_same_again_is_not_rendered(song):
    assert "0 of 1 steps were there already" in render(song)
    assert steps() == KEPT
    assert "nothing to do: every file is there already" in render(song)
    assert "1 of 1 steps were there already" in render(song, "--on-exists", "overwrite", gain=-3.0)


def test_no_cache_keeps_nothing_and_another_folder_may_be_named(song):
    assert "steps" not in render(song, "--no-cache")
    assert steps() == 0
    render(song, "--cache", song / "other", "--on-exists", "overwrite")
    assert (steps(), steps("--cache", song / "other")) == (0, KEPT)


def test_the_cap_holds(song):
    render(song, "--cache-size", "1kB")
    assert json.loads(run("cache", "show", "--json"))["bytes"] <= 1000


def test_the_cache_is_shown_verified_and_cleared(song):
    render(song)
    assert str(song / "cache") in run("cache", "show")
    assert f"{KEPT} steps are whole, 0 were not" in run("cache", "verify")
    for entry in (song / "cache").rglob("*.step"):
        entry.write_bytes(b"broken")
    assert f"0 steps are whole, {KEPT} were not" in run("cache", "verify")
    render(song, "--on-exists", "overwrite")
    assert f"{KEPT} steps were taken away" in run("cache", "clear")
    assert steps() == 0


@pytest.mark.parametrize(
    ("text", "size"), [("20GB", 2e10), ("1.5 mb", 1.5e6), ("300", 300), ("2kB", 2000), ("1TiB", 1e12)]
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "1XB", "nan"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(ParamError) as error:
        size_of(text)
    assert "20GB" in str(error.value)


def test_sizes_are_shown_as_people_read_them():
    said = [shown(size) for size in (0, 999, 1500, 2.5e6, 3e12)]
    assert said == ["0 bytes", "999 bytes", "1.5 kB", "2.5 MB", "3000.0 GB"]
