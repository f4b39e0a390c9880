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
    """One file: `label` is its place and name as given, `target` where its result is or would be.

    `reused` says how many steps and parts of steps were in the store, and of how many.
    """

    label: str
    source: Path
    target: Path
    status: Status
    audio_seconds: float = 0.0
    work_seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: SvcfxError | None = None
    reused: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Results:
    """All files of a run, in order, notes of the run as a whole, what was not taken from folders, and how
    long the run took."""

    files: tuple[FileResult, ...]
    notes: tuple[Note, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    seconds: float = 0.0

    def of(self, status: Status) -> tuple[FileResult, ...]:
        """The files with this status."""
        return tuple(file for file in self.files if file.status == status)

    def summary(self) -> str:
        """How much was made how fast, in words; "" where less than two files were."""
        done = self.of("done")
        if len(done) < 2:
            return ""
        audio = sum(file.audio_seconds for file in done)
        slowest = max(done, key=lambda file: file.work_seconds)
        pace = f", {audio / self.seconds:.1f} times real time" if self.seconds > 0.0 else ""
        return (
            f"{len(done)} files, {_time(audio)} of audio, in {_time(self.seconds)}{pace}; "
            f"the slowest is '{slowest.label}', {_time(slowest.work_seconds)}"
        )

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


def _time(seconds: float) -> str:
    """Seconds for a person: "3.2 s", "4:05 min", "2:01:30 h"."""
    if seconds < 60.0:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"


def _count(failed: Sequence[FileResult], total: int) -> str:
    return f"{len(failed)} of {total} files"
