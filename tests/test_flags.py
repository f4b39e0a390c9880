"""Flags are spoken of in `cli` alone; a sentence below it names an argument, and `cli` says its flag."""

import ast
import re
from pathlib import Path

import click
import pytest

import svcfx
from svcfx.cli import flags

ROOT = Path(svcfx.__file__).parent
FLAG = re.compile(r"(?<![\w-])--[a-z]|(?<![\w-])-o\b")
COMMAND = re.compile(r"`(svcfx|ray) [^`]*`")
TABLE = "chain/knobs.py"  # has a flag for each knob, which `cli` reads
PROGRAM = "dsp/rubberband.py"  # those of another program
MODULES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0] not in ("cli", "ui")
    and path.relative_to(ROOT).as_posix() not in (TABLE, PROGRAM)
]


def sentences(path):
    """Strings of a module that are no docstrings, those with values in them put together."""
    tree = ast.parse(path.read_text("utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documents | inside
        ):
            yield node.value


def test_no_module_below_the_command_line_speaks_of_a_flag():
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in MODULES
        for text in sentences(path)
        if FLAG.search(COMMAND.sub("", text))
    }
    assert not found


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Name another one with `out`, or give `replace`.", "Name another one with -o, or give --replace."),
        ("allow it: `allow_path` '/a'", "allow it: --allow-path '/a'"),
        ("`svcfx voices add --all` or `somewhere` else", "`svcfx voices add --all` or `somewhere` else"),
    ],
)
def test_an_argument_is_said_as_the_flag_of_the_command_that_was_typed(said, heard):
    @click.command()
    @click.option("-o", "--out")
    @click.option("--replace", is_flag=True)
    @click.option("--allow-path", "allow_paths", multiple=True)
    def command(out, replace, allow_paths): ...

    assert flags.spoken(said) == said
    with click.Context(command) as context:
        flags.typed(context, command)
        assert flags.spoken(said) == heard
