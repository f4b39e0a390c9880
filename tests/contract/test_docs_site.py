"""The pages of the site: their blocks run, their messages are the program's, their links lead somewhere."""

import itertools
import json
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RATE = 44_100
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
RUN = ("first-song.md", "cookbook.md")
"""Pages whose blocks a reader may run from top to bottom."""
MESSAGES = re.findall(r"^### `(.*)`$", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE)


@pytest.fixture
def here(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, sung: Callable) -> Path:
    """A folder with what a reader has: a vocal, takes, stems."""
    monkeypatch.chdir(tmp_path)
    for name in ("vocal.wav", "takes/one.wav", "takes/two.wav", "stems/lead.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        audio.write(tmp_path / name, sung(1.5, RATE)[None], RATE)
    band = 0.1 * np.random.default_rng(0).standard_normal((2, int(2.5 * RATE))).astype(np.float32)
    audio.write(tmp_path / "stems/band.wav", band, RATE)
    return tmp_path


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each."""
    return re.findall(r"^```(sh|python)\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_every_block_of_a_page_runs_in_its_order(here: Path, page: str) -> None:
    session = here / "stems/session.toml"
    if page == "cookbook.md":
        assert CliRunner().invoke(main, ["session", "new", "stems"]).exit_code == 0
    names: dict[str, object] = {}
    for language, text in blocks(page):
        if language == "python":
            exec(compile(text, page, "exec"), names)
            continue
        for line in text.splitlines():
            done = CliRunner().invoke(main, shlex.split(line)[1:])
            assert done.exit_code == 0, f"{line}\n{done.output}"
            if line == "svcfx session new stems":
                session.write_text(session.read_text().replace("# preset", "preset"))  # as the page says


def fenced(page: Path, *languages: str) -> list[str]:
    """The blocks of a page in one of these languages, those within lists too."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", page.read_text(), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for _, language, text in found if language in languages]


def asked(text: str) -> Iterator[list[str]]:
    """The arguments of every call of svcfx in a block of a shell, without what stands in brackets."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for part in " ".join(f"\0{word}" for word in words).split("\0&&"):
            call = [word.strip() for word in part.split("\0") if word.strip()]
            while call and re.fullmatch(r"[A-Z_]+=.*|\.venv/bin/svcfx|svcfx", call[0]):
                first = call.pop(0)
                if first.endswith("svcfx"):
                    yield list(itertools.takewhile(lambda word: word not in ("|", ">", "2>"), call))
                    break


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_is_one_with_those_options(page: Path) -> None:
    for text in fenced(page, "sh", "bash", ""):
        for call in asked(text):
            command: click.Command = main
            context = click.Context(command, info_name="svcfx")
            while isinstance(command, click.Group) and call and not call[0].startswith("-"):
                found = command.get_command(context, call[0])
                assert found is not None, f"{page.name}: svcfx {' '.join(call)}"
                command, context = found, click.Context(found, parent=context, info_name=call.pop(0))
            try:
                command.make_parser(context).parse_args(args=list(call))
            except click.UsageError as error:
                raise AssertionError(f"{page.name}: {context.command_path} {call}: {error}") from error


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_a_page_is_right_in_its_language(page: Path) -> None:
    for text in fenced(page, "python"):
        compile(text, page.name, "exec")
    for text in fenced(page, "toml"):
        tomllib.loads(text)
    for text in fenced(page, "json"):
        json.loads(text)
    for text in fenced(page, "yaml"):
        assert yaml.safe_load(text)


def test_there_are_twenty_recipes() -> None:
    assert len(re.findall(r"^\*\*.*\*\*$", (DOCS / "cookbook.md").read_text(), re.MULTILINE)) >= 20


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_is_explained_is_one_that_svcfx_says(message: str) -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "svcfx").rglob("*.py"))
    said = re.sub(r"`([a-z_]+)`", lambda name: "--" + name[1].replace("_", "-"), said)  # as `cli` says it
    assert message.replace("…", "{name}") in said


@pytest.mark.slow
def test_the_site_builds_with_every_link_and_every_command(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="the extra docs is not installed")
    asked = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(ROOT / "mkdocs.yml")]
    done = subprocess.run([*asked, "-d", str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    commands = (tmp_path / "commands/index.html").read_text()
    assert all(f">svcfx {name}<" in commands for name in ("render", "convert", "plugins", "voices"))
    page = (tmp_path / "reference/index.html").read_text()
    assert "VoiceConversion" in page
    outside = re.findall(r'(?:src|href)="(https?://[^"]+\.(?:js|css|woff2?))"', commands + page)
    assert outside == []
