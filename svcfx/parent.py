"""Processes and those that they began: a worker does not outlive its parent."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import Any


def follow() -> None:
    """In a new worker: leave Ctrl-C to the parent, and go when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_along, daemon=True).start()


def children() -> set[Any]:
    """Processes that this one began and that are at work."""
    return set(multiprocessing.active_children())


def _go_along() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
