"""The process that began this one, which a worker does not outlive."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait


def follow() -> None:
    """In a new worker: leave Ctrl-C to the parent, and go when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_along, daemon=True).start()


def _go_along() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
