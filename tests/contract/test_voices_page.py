"""What docs/voices.md shows exists."""

import re
import shlex
from pathlib import Path

import click
import pytest

from svcfx.cli.main import main
from svcfx.voices import encoder

PAGE = (Path(__file__).parents[2] / "docs" / "voices.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("svcfx ")
]


@pytest.mark.parametrize("line", LINES)
def test_every_command_and_option_exists(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command | None = main
    while isinstance(command, click.Group):
        command, words = command.get_command(click.Context(main), words[0]), words[1:]
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_every_flag_of_the_table_exists_and_the_pinned_hash_is_the_one_that_is_checked() -> None:
    from svcfx.cli.voices.adding import FLAGS

    assert set(re.findall(r"\| `--(\w+)` \|$", PAGE, re.MULTILINE)) == set(FLAGS)
    assert encoder.REVISION[:8] in PAGE
    assert f"{encoder.SHA256[:8]}…{encoder.SHA256[-5:]}" in PAGE


ASKED = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("parameter", "option"), ASKED)
def test_what_can_be_asked_is_a_parameter_and_an_option(parameter: str, option: str) -> None:
    from svcfx.cli.convert import convert

    named = {flag: p.name for p in convert.params for flag in p.opts}
    assert named[option] == parameter


def test_every_row_of_the_table_of_knobs_stands_on_the_page() -> None:
    from svcfx.chain.knobs import TABLE

    assert {row.name for row in TABLE} == {parameter for parameter, _ in ASKED}
