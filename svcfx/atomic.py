"""Write a file whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from svcfx.errors import OutputError

_RANDOM = 8
"""Letters that `mkstemp` puts between prefix and suffix."""
ELSEWHERE = "choose another folder with -o, or free some space"


@contextlib.contextmanager
def atomic(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Give a temporary neighbour of `path` to fill; it becomes `path` only when the block succeeds.

    One that is not `lasting` may be lost or cut when the machine loses power: it is not waited for until it
    is on the disk.

    Raises:
        OutputError: The folder cannot be written or the disk is full; nothing is left behind.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        if lasting:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"'{path}' could not be written: {(error.strerror or str(error)).lower()}", hint=ELSEWHERE
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def leftovers(paths: Iterable[Path]) -> Iterator[Path]:
    """Temporary neighbours of these files: those that are being written, and those that somebody who was
    killed left behind. Each folder is read once."""
    wanted = {(path.parent, _prefix(path), path.suffix) for path in paths}
    for folder in {folder for folder, _, _ in wanted}:
        for found in folder.glob(".*") if folder.is_dir() else ():
            if (folder, found.stem[:-_RANDOM], found.suffix) in wanted:
                yield found


def _prefix(path: Path) -> str:
    return f".{path.stem[:40]}-"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
