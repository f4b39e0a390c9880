"""The group: light help, exit codes, the nearest command."""

import os
import resource
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from svcfx.cli.main import COMMANDS, Commands, main
from svcfx.errors import CheckFailure, InputError, OutputError, PartialFailure

HEAVY = ("torch", "numpy", "pedalboard", "soundfile", "pydantic", "rich")
PROBE = """
import sys
from svcfx.cli.main import main
try:
    main({arguments!r})
except SystemExit as end:
    print("\\nLOADED", end.code, [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def _fresh(*arguments: str) -> subprocess.CompletedProcess[str]:
    probe = PROBE.format(arguments=list(arguments), heavy=HEAVY)
    return subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=300
    )


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_nothing_heavy(command):
    done = _fresh(*([command] if command else []), "--help")
    assert done.stderr.strip() == "LOADED 0 []"
    assert done.stdout.startswith("Usage:")


def test_help_takes_less_than_half_a_second():
    """Processor seconds, which are the wall clock's on a machine that is not busy with other tests."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "svcfx", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.5


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_teaches_by_an_example(command):
    done = CliRunner().invoke(main, [command, "--help"])
    assert f"svcfx {command}" in done.stdout


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "svcfx", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("svcfx, version ")


def test_an_unknown_command_names_the_nearest():
    done = CliRunner().invoke(main, ["rendr"])
    assert done.exit_code == 2
    assert "Error: no command 'rendr' (did you mean 'render'?)" in done.stderr


def test_help_lists_every_command_once():
    shown = CliRunner().invoke(main, ["--help"]).stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("it is wrong", hint="mend it"), 2),
        (OutputError("it is full", hint="mend it"), 1),
        (PartialFailure("1 of 2 files failed", hint="mend it"), 3),
        (CheckFailure("a check failed", hint="mend it"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_ends_with_its_code_and_a_sentence(error, code):
    @click.command()
    def fail() -> None:
        raise error

    group = Commands("group", modules=COMMANDS)
    group.get_command = lambda _context, _name: fail  # type: ignore[method-assign]
    done = CliRunner().invoke(group, ["demo"])
    assert done.exit_code == code
    assert done.stdout == ""
    expected = f"Error: {error.args[0]}\nHint: mend it\n" if error.args else "Interrupted; "
    assert done.stderr.startswith(expected)


def test_a_bug_keeps_its_traceback():
    @click.command()
    def fail() -> None:
        raise ZeroDivisionError

    group = Commands("group", modules=COMMANDS)
    group.get_command = lambda _context, _name: fail  # type: ignore[method-assign]
    assert isinstance(CliRunner().invoke(group, ["demo"]).exception, ZeroDivisionError)


def test_a_reader_that_goes_away_is_no_error():
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    script = f"{sys.executable} -m svcfx --help | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] in ("0", "1")
