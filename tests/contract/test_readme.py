"""What the README shows works: its Python runs, its commands and links exist, its session is one."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import numpy as np
import pytest

from svcfx import audio
from svcfx.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def vocal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second of a sung tone as vocal.wav in the folder where the README's code runs."""
    time = np.arange(44_100) / 44_100
    tone = sum(0.2 / k * np.sin(2 * np.pi * 220.0 * k * time) for k in range(1, 12))
    audio.write(tmp_path / "vocal.wav", tone[None].astype(np.float32), 44_100)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", range(3))
def test_the_python_of_the_readme_runs(number: int, vocal: Path) -> None:
    exec(compile(blocks("python")[number], f"README block {number + 1}", "exec"), {})


def test_the_ten_lines_sing(vocal: Path) -> None:
    first = blocks("python")[0]
    assert len([line for line in first.splitlines() if line]) <= 10
    exec(compile(first, "README", "exec"), {})
    before, after = audio.read(vocal / "vocal.wav"), audio.read(vocal / "sung.wav")
    assert after.samples.shape == before.samples.shape
    assert np.abs(after.samples).max() > 0.01
    assert np.abs(after.samples - before.samples).max() > 0.01


def test_a_native_board_refuses_our_node_with_the_error_the_readme_names() -> None:
    names: dict[str, object] = {}
    exec(compile(blocks("python")[2], "README", "exec"), names)
    assert type(names["board"]).__module__.startswith("svcfx")


def test_every_block_is_tested() -> None:
    assert len(blocks("python")) == 3


@pytest.mark.parametrize(
    "line", [line for line in "".join(blocks("sh")).splitlines() if line.startswith("svcfx ")]
)
def test_every_command_and_option_of_the_readme_exists(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    assert words[0] in COMMANDS
    context = click.Context(main)
    command = main.get_command(context, words[0])
    rest = words[1:]
    while isinstance(command, click.Group) and rest:  # a group may do something by itself
        command, rest = command.get_command(context, rest[0]), rest[1:]
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known


@pytest.mark.parametrize(
    "target", ["demo", "test", "test-all", "test-bytes", "test-lowest", "lint", "voices", "clean"]
)
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_session_of_the_readme_is_one() -> None:
    from svcfx.session.model import Session

    tables = tomllib.loads(blocks("toml")[0])
    automation = tables["stems"][0]["automation"]
    assert list(automation) == ["voice.formant_semitones"]
    assert Session.model_validate(tables).stems[0].preset in {
        path.stem for path in (ROOT / "presets").iterdir()
    }


def test_the_session_without_midi_of_the_readme_is_one() -> None:
    from svcfx.session import document

    session = document.parse(f"svcfx_session = 1\n{blocks('toml')[2]}", Path("session.toml")).session
    assert session.tempo is not None
    assert session.key is not None
    assert session.key.points == [[1, 0.0], [17, 2.0]]
    assert session.stems[0].set == {"voice.voice": "corin", "reverb.wet_level": 0.2}


def test_the_stems_of_the_readme_that_sing_in_parts_or_are_played_are_stems() -> None:
    from svcfx.session import document

    head = 'svcfx_session = 1\n[midi]\nfile = "song.mid"\n'
    lead, bass = document.parse(head + blocks("toml")[1], Path("session.toml")).session.stems
    assert list(lead.automation) == ["voice.breath", "voice.vibrato_depth"]
    assert len(lead.harmony) == 2
    assert bass.instrument is not None


def test_the_preset_of_the_readme_is_one(tmp_path: Path) -> None:
    from svcfx import preset

    *_, text = blocks("toml")
    (tmp_path / "my-lead.toml").write_text(text)
    nodes = preset.load(tmp_path / "my-lead.toml").nodes
    values = {node.node: node.parameters for node in nodes}
    assert values["VoiceConversion"] == {"voice": "vela", "transpose_semitones": 5}
    assert values["Reverb"]["wet_level"] == 0.2
    assert len(nodes) == len(preset.load("lead-vela").nodes)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_of_the_readme_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_figures_are_those_of_the_benchmark() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "readme.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_picture_is_small_enough_for_a_clone() -> None:
    assert (ROOT / "docs" / "demo.png").stat().st_size < 400_000
