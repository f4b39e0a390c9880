"""SHA-256 of files, each read once a process for as long as it stays as it is."""

import hashlib
import time
from functools import lru_cache
from pathlib import Path

_SETTLED_SECONDS = 2.0
"""A file that changed less than this ago may change again without its time telling."""


def of_file(path: Path) -> str:
    """The hash of a file's bytes in hexadecimal; raises `OSError` when it cannot be read."""
    stat = path.stat()
    if abs(time.time() - stat.st_mtime) < _SETTLED_SECONDS:
        return read(path)
    return _remembered(path.resolve(), stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)


def of_tree(path: Path) -> str:
    """The hash of a file, or of a folder's files and their names; raises as `of_file` does."""
    if path.is_file():
        return of_file(path)
    hashed = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        hashed.update(f"{file.relative_to(path).as_posix()}\0{of_file(file)}\0".encode())
    return hashed.hexdigest()


@lru_cache(maxsize=4096)
def _remembered(path: Path, *_facts: int) -> str:
    return read(path)


def read(path: Path) -> str:
    """As `of_file`, of the bytes that are there now, whatever was read before."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
