"""Files to convert, and the real command in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from svcfx import audio
from svcfx.cli.main import main

RATE = 44_100


def vowel(seconds: float = 0.5, channels: int = 1, rate: int = RATE, hz: float = 220.0) -> audio.Samples:
    """A tone with harmonics, shape (channels, frames)."""
    when = np.arange(round(seconds * rate)) / rate
    wave = 0.1 * sum(np.sin(2 * np.pi * hz * k * when) / k for k in range(1, 9))
    return np.repeat(wave[None].astype(np.float32), channels, axis=0)


@pytest.fixture
def sung() -> Callable[..., Path]:
    """Writes a short vowel to a path and returns the path."""

    def write(path: Path, rate: int = RATE, **options: Any) -> Path:
        audio.write(path, vowel(rate=rate, **options), rate)
        return path

    return write


@pytest.fixture
def svcfx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `svcfx ...` in an empty folder that is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments: object, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)

    return run


@pytest.fixture
def refused(svcfx: Callable[..., Result]) -> Callable[..., str]:
    """Runs a command that must fail in one sentence and leave no file; returns the sentence."""

    def run(*arguments: object, code: int = 2, stdin: bytes | None = None) -> str:
        before = files_below(Path.cwd())
        quiet = ("--quiet",) if arguments[0] in ("convert", "batch", "render") else ()
        result = svcfx(*arguments, *quiet, stdin=stdin)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        told = ("Usage:", "Try ")  # what Click says before the error when it is about an option
        first, *rest = [line for line in result.stderr.splitlines() if line and not line.startswith(told)]
        assert first.startswith("Error: ")
        assert all(line.startswith("Hint: ") for line in rest), result.stderr
        assert len(rest) <= 1
        assert files_below(Path.cwd()) == before
        return first.removeprefix("Error: ")

    return run


def files_below(folder: Path) -> set[str]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
