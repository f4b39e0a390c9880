"""A lock on a file that lasts as long as the process that holds it, however that ends."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

_TRIES, _PAUSE_SECONDS = 50, 0.01


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, which is made, and taken away behind; where the system has no such locks,
    nothing is held.

    Raises:
        OSError: The file cannot be made.
    """
    with path.open("a") as file:
        _hold(file.fileno())
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _hold(file: int) -> None:
    with contextlib.suppress(ImportError):
        import fcntl

        for _ in range(_TRIES):  # who asks whether it is held has it for a moment
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_PAUSE_SECONDS)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        import fcntl

        with path.open("r") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False
