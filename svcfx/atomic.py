"""Write a file, or several that belong together, whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from svcfx.errors import OutputError

_RANDOM = 8
"""Letters that `mkstemp` puts between prefix and suffix."""
ELSEWHERE = "choose another folder with `out`, or free some space"


@contextlib.contextmanager
def atomic(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Give a temporary neighbour of `path` to fill; it becomes `path` only when the block succeeds.

    One that is not `lasting` may be lost or cut when the machine loses power: it is not waited for until it
    is on the disk.

    Raises:
        OutputError: The folder cannot be written or the disk is full; nothing is left behind.
    """
    temporary: Path | None = None
    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = neighbour(path, stack)
            yield temporary
            if lasting:
                with temporary.open("rb+") as file:
                    os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
            temporary = None
        except OSError as error:
            raise unwritten(path, error) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def unwritten(path: Path, error: OSError) -> OutputError:
    """What is said of a file or a folder that the system did not let be written."""
    why = (error.strerror or str(error)).lower()
    return OutputError(f"'{path}' could not be written: {why}", hint=ELSEWHERE)


def sweep(paths: Iterable[Path]) -> None:
    """Take away temporary neighbours of these files that somebody who was killed left behind.

    Who writes one holds its lock; where the system has no such locks, nothing is taken away. Each folder is
    read once.
    """
    wanted = {(path.parent, _prefix(path), path.suffix) for path in paths}
    for folder in {folder for folder, _, _ in wanted}:
        for found in folder.glob(".*") if folder.is_dir() else ():
            if (folder, found.stem[:-_RANDOM], found.suffix) in wanted:
                with contextlib.suppress(OSError), found.open("rb") as file:
                    if _lock(file.fileno(), wait=False):
                        found.unlink()


def neighbour(path: Path, stack: contextlib.ExitStack) -> Path:
    """A new temporary file beside `path`, whose lock is held until `stack` ends."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=path.suffix, dir=path.parent)
        if not _lock(handle, wait=True):
            os.close(handle)
            return Path(name)
        if Path(name).exists():  # else it was swept before it was locked
            stack.callback(os.close, handle)
            return Path(name)
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock an open file until it is closed or its process is gone; whether that was done."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # somebody else holds it, or the file system has none
        return False
    return True


def _prefix(path: Path) -> str:
    return f".{path.stem[:40]}-"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def placed(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; its files come into `folder` only when all of them were written.

    Raises:
        OutputError: The folder cannot be written or the disk is full; what was there is as it was.
    """
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        yield temporary
        for path in sorted(temporary.iterdir()):
            path.replace(folder / path.name)
    except OSError as error:
        raise unwritten(folder, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
