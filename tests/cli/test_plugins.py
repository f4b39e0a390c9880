"""`svcfx plugins`: what a person reads of the VST3s of this machine."""

import json
import os
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from svcfx.cli.main import main
from svcfx.node import plugins

ZAM = Path("/usr/lib/vst3")
pytestmark = pytest.mark.skipif(
    not (ZAM / "ZamComp.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command, on a machine whose system folders are empty, with one folder of plugins."""
    monkeypatch.setenv("SVCFX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(plugins, "installed", list)
    folder = tmp_path / "vst3"
    for name in ("ZamComp", "ZaMaximX2"):
        shutil.copytree(ZAM / f"{name}.vst3", folder / f"{name}.vst3")
    (folder / "broken.vst3").write_bytes(b"no plugin")

    def told(*words):
        return CliRunner().invoke(main, ["plugins", *words, "--path", str(folder)])

    return told


def test_the_list_says_what_each_takes_and_what_cannot_be_used(run):
    found = run("list")
    assert found.exit_code == 0
    lines = {line.split()[0]: line for line in found.stdout.splitlines()}
    assert " mono " in lines["ZamComp"]
    assert " stereo " in lines["ZaMaximX2"]
    assert int(lines["ZaMaximX2"].split()[-2]) > 0  # it looks ahead
    assert "broken.vst3' cannot be used: " in found.stderr
    assert "opened" not in run("list").stderr


def test_json_is_one_object_a_plugin(run):
    found = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert sorted(each["name"] for each in found) == ["ZaMaximX2", "ZamComp"]
    assert all(each["parameters"] and Path(each["file"]).exists() for each in found)


def test_a_plugin_s_parameters_are_shown_with_the_lines_of_a_preset(run):
    found = run("show", "ZamComp")
    assert found.exit_code == 0
    assert re.search(r"^threshold_db +-80 to 0 +dB +\S+$", found.stdout, re.MULTILINE)
    assert "ZaMaximX2" not in found.stderr  # another's file is not opened for it
    written = found.stdout.partition("In a preset:")[2]
    assert tomllib.loads(written)["nodes"][0].keys() == {"node", "attack_ms"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ZamCmop", "no VST3 'ZamCmop' was found (did you mean 'ZamComp'?)"),
        ("broken", "broken.vst3' cannot be used: "),
        ("\x1b[2J", "no VST3 '?[2J' was found"),
    ],
)
def test_a_plugin_that_is_not_there_is_answered_in_a_sentence(run, name, said):
    found = run("show", name)
    assert found.exit_code == 2
    assert said in found.stderr


def test_an_instrument_is_shown_with_the_lines_of_a_session(tone_vst3):
    found = CliRunner().invoke(main, ["plugins", "show", "Tone", "--path", str(tone_vst3.parent)])
    assert found.exit_code == 0
    written = found.stdout.partition("In a session with a MIDI file:")[2]
    (stem,) = tomllib.loads(written)["stems"]
    assert stem["instrument"] == {"vst3": "Tone"}
