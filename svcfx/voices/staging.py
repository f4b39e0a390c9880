"""Folders that come whole or not at all: filled beside their place, then renamed into it.

Whatever stops the work (an error, Ctrl-C, a full disk) leaves the place as it was. A process that is killed
leaves a hidden folder that nobody reads; the next one that works here sweeps it away.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from svcfx.errors import OutputError

_PREFIX = ".adding-"
_ASIDE = ".replaced-"
_STALE_SECONDS = 86_400.0


@contextlib.contextmanager
def folder(place: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes `place` when the block succeeds, replacing what was there.

    Raises:
        OutputError: The disk is full, or the folder cannot be written; `place` is as it was.
    """
    made: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep(place.parent)
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place.parent))
        yield made
        _settle(made)
        _swap(made, place)
    except OSError as error:
        raise cannot(place, error) from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def remove(place: Path) -> None:
    """Take a folder away: out of sight in one step, then off the disk."""
    try:
        aside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place.parent))
        place.rename(aside / "gone")
    except OSError as error:
        raise cannot(place, error) from error
    shutil.rmtree(aside, ignore_errors=True)


def rename(place: Path, to: Path) -> None:
    """Give a folder another name in one step."""
    try:
        place.rename(to)
    except OSError as error:
        raise cannot(to, error) from error


def sweep(parent: Path) -> None:
    """Put back what a killed replacement left aside, and drop what was half-made a day ago or longer."""
    for aside in parent.glob(f"{_ASIDE}*"):
        place = parent / aside.name.removeprefix(_ASIDE)
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(place)
    for left in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def cannot(place: Path, error: OSError) -> OutputError:
    """The sentence for a folder that could not be written."""
    why = (error.strerror or str(error)).lower()
    return OutputError(
        f"'{place}' could not be written: {why}",
        hint="free some space, or set SVCFX_HOME to a folder on another disk",
    )


def _swap(made: Path, place: Path) -> None:
    made.chmod(0o777 & ~_umask())
    aside = place.parent / f"{_ASIDE}{place.name}"
    replaced = place.exists()
    if replaced:
        place.rename(aside)
    try:
        made.rename(place)
    except OSError:
        if replaced:
            aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _settle(made: Path) -> None:
    """Have every file on the disk before the folder gets its name."""
    for path in made.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
