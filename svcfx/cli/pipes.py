"""`-` for a file: a WAV from standard input, a WAV to standard output."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.cli.tell import say
from svcfx.errors import InputError, OutputError

if TYPE_CHECKING:
    from svcfx.session.results import Results

PIPE = Path("-")


@dataclass(frozen=True, slots=True)
class Pipes:
    """Inputs and output with `-` replaced by files in a temporary folder."""

    inputs: tuple[Path, ...]
    out: Path
    to_stdout: bool

    def deliver(self, results: "Results", *, quiet: bool) -> None:
        """Say the notes and raise what went wrong; else copy the result to standard output, if asked."""
        say(results, quiet=quiet, errors=False)
        results.check()
        if self.to_stdout and results.of("done"):
            try:
                with self.out.open("rb") as made:
                    shutil.copyfileobj(made, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            except BrokenPipeError:  # the reader went away: the group ends in silence
                raise
            except OSError as error:
                raise OutputError(f"standard output could not be written: {_why(error)}") from error


def is_piped(inputs: tuple[Path, ...], out: Path) -> bool:
    """Whether `-` stands for a file."""
    return PIPE in (*inputs, out)


@contextlib.contextmanager
def through(inputs: tuple[Path, ...], out: Path, *, out_is_given: bool) -> Iterator[Pipes]:
    """Bring standard input to a file, and name a file for standard output, as long as the block lasts.

    Raises:
        InputError: There are several inputs, a terminal stands where a WAV should, or nothing came in.
    """
    if len(inputs) > 1:
        raise InputError(
            f"'-' works for one file, there are {len(inputs)} inputs", hint="give a folder with -o"
        )
    to_stdout = out == PIPE or not out_is_given
    if to_stdout and sys.stdout.isatty():
        raise InputError("a WAV file does not go to a terminal", hint="add > out.wav, or -o out.wav")
    with tempfile.TemporaryDirectory(prefix="svcfx-") as folder:
        source = _spooled(Path(folder)) if inputs[0] == PIPE else inputs[0]
        target = Path(folder) / "stdout.wav" if to_stdout else out
        try:
            yield Pipes((source,), target, to_stdout)
        except InputError as error:
            if inputs[0] == PIPE:
                error.args = (error.message.replace(f"'{source}'", "standard input"),)
            raise


def _spooled(folder: Path) -> Path:
    if sys.stdin.isatty():
        raise InputError(
            "'-' reads a WAV from a pipe, this is a terminal", hint="write svcfx convert - < in.wav"
        )
    path = folder / "stdin.wav"
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        raise OutputError(
            f"standard input could not be kept in '{folder.parent}': {_why(error)}",
            hint="free some space there, or set TMPDIR to another folder",
        ) from error
    return path


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
