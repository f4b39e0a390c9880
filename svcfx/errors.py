"""Errors a person can act on: one sentence naming the thing, the value, what is allowed; a hint mends it.

Anything that is not an `SvcfxError` is a bug and keeps its traceback.
Exit codes: 2 what the user gave is wrong, 1 any other failure, 3 some files failed and the
others are on disk, 4 checks failed under `--strict`.
"""

import difflib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import ClassVar


class SvcfxError(Exception):
    """Base class. Errors cross worker processes, so pickling keeps message and hint."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def message(self) -> str:
        """The sentence without its hint."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint)


def _rebuild(kind: type[SvcfxError], message: str, hint: str) -> SvcfxError:
    return kind(message, hint=hint)


class InputError(SvcfxError, ValueError):
    """A file, preset or value the user gave is wrong."""

    exit_code = 2


class ParamError(InputError):
    """A parameter's value is out of range, or no such parameter exists."""


class UnknownAttributeError(ParamError, AttributeError):
    """A node has no such attribute."""


class AudioShapeError(InputError, RuntimeError):
    """An array has the wrong number of dimensions, channels or frames."""


class AudioTypeError(InputError, TypeError):
    """An array, rate or argument has the wrong type."""


class BoardError(InputError, RuntimeError):
    """A board cannot be played as it is built, such as with one node at two places."""


class AudioFileError(InputError):
    """An audio file is missing, empty, truncated, or no audio at all."""


class VoiceError(InputError):
    """A voice is unknown, or its files do not fit."""


class DatasetError(InputError):
    """A prepared dataset is missing, damaged, or does not fit what is asked."""


class PresetError(InputError):
    """A preset file is wrong."""


class SessionError(InputError):
    """A session file is wrong."""


class MidiError(InputError):
    """A MIDI file is wrong or asks for something that is not supported."""


class SeparationError(InputError):
    """A model that takes songs apart is unknown, damaged, or of another kind."""


class UnknownNameError(InputError):
    """What is asked for by its name or number is not here."""


class OutputExistsError(InputError):
    """An output would overwrite a file, and nobody said that it may."""


class TrainingError(SvcfxError):
    """A training cannot go on, such as when its losses are no numbers any more."""


class OutputError(SvcfxError):
    """An output could not be written (read-only folder, full disk)."""


class MissingPartError(SvcfxError):
    """A program or package that this work needs is not installed."""


class HubError(SvcfxError):
    """A hub that files are downloaded from did not answer, or broke off."""


class PartialFailure(SvcfxError):
    """Some files failed; the others are on disk."""

    exit_code = 3


class Cancelled(SvcfxError):
    """Whoever asked for the work asked it to stop."""

    exit_code = 130


class CheckFailure(SvcfxError):
    """A check failed and `--strict` was asked for."""

    exit_code = 4


class SvcfxWarning(UserWarning):
    """Something a person should hear of, though the work goes on; the sentence carries its figures."""


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the candidate most like `name` (case apart), or "" for none."""
    return _nearest(name, tuple(candidates))


@lru_cache(maxsize=1024)
def _nearest(name: str, candidates: tuple[str, ...]) -> str:
    """As `nearest`: whether a node has an attribute is asked often, and a miss costs a search."""
    folded = {candidate.casefold(): candidate for candidate in candidates}
    match = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return f" (did you mean '{folded[match[0]]}'?)" if match else ""


def printable(path: Path) -> str:
    """The path as text that can be written anywhere: a byte that is no UTF-8 is shown as "\ufffd"."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
