"""What became of each file of a run, and the error that the whole run ends with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from svcfx.errors import InputError, PartialFailure, SvcfxError
from svcfx.events import Note
from svcfx.session.sources import LeftOut

Status = Literal["done", "skipped", "failed", "planned"]


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file: `label` is its place and name as given, `target` where its result is or would be."""

    label: str
    source: Path
    target: Path
    status: Status
    audio_seconds: float = 0.0
    work_seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: SvcfxError | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """All files of a run, in order, notes of the run as a whole, and what was not taken from folders."""

    files: tuple[FileResult, ...]
    notes: tuple[Note, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def of(self, status: Status) -> tuple[FileResult, ...]:
        """The files with this status."""
        return tuple(file for file in self.files if file.status == status)

    def check(self) -> None:
        """Raise what the run should end with; return when no file failed.

        Raises:
            SvcfxError: The only file's own error; or, when none succeeded, one that counts (an
                `InputError` when every file was at fault itself).
            PartialFailure: Some failed; the others are on disk.
        """
        failed = self.of("failed")
        if not failed:
            return
        errors = [file.error for file in failed if file.error is not None]
        if len(self.files) == 1 and errors:
            raise errors[0]
        total = len(self.files)
        if len(failed) < total:
            raise PartialFailure(f"{_count(failed, total)} failed; the others are on disk")
        kind = InputError if all(isinstance(error, InputError) for error in errors) else SvcfxError
        first = f", the first because {errors[0].message}" if errors else ""
        raise kind(f"all {total} files failed{first}")


def _count(failed: Sequence[FileResult], total: int) -> str:
    return f"{len(failed)} of {total} files"
