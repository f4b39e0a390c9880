"""Work that is done again whenever a file in a folder changes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PAUSE_SECONDS = 0.3

State = dict[Path, tuple[int, int]]
"""Time of the last change and size of each file."""


def watch(
    folder: Path,
    leave_out: Path,
    work: Callable[[], None],
    pause: Callable[[], None] = lambda: time.sleep(PAUSE_SECONDS),
) -> None:
    """Do `work`, and again each time that files below `folder` have changed and come to rest, until it is
    interrupted.

    A change while it is done counts. A file that is still growing, as one that another program exports, is
    waited for.

    Args:
        folder: What is looked at; hidden files and folders are not.
        leave_out: A folder that is not either: where results go.
        work: What is done; what it raises ends all.
        pause: Waits between two looks.
    """
    while True:
        worked_on = now = state(folder, leave_out)
        work()
        before: State | None = None
        while now == worked_on or now != before:
            pause()
            before, now = now, state(folder, leave_out)


def state(folder: Path, leave_out: Path) -> State:
    """The files below a folder as they are; one that goes meanwhile is not there."""
    left_out, found = leave_out.resolve(), State()
    for where, folders, names in os.walk(folder):
        here = Path(where)
        folders[:] = [name for name in folders if _counts(name) and (here / name).resolve() != left_out]
        for path in (here / name for name in names if _counts(name)):
            try:
                stat = path.stat()
            except OSError:
                continue
            found[path] = stat.st_mtime_ns, stat.st_size
    return found


def _counts(name: str) -> bool:
    return not name.startswith(".")
