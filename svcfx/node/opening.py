"""Open a plug-in: what it prints is kept out of our stderr, a long wait is told, Ctrl-C ends it.

Plug-ins print as they open, play and close, and some open for minutes inside one native call, in which
Python hears no signal. A program that is a host (`be_host`) keeps a stderr of its own and gives the process's
to nobody; a library, in somebody else's process, hides only what is printed while it opens.
"""

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

OnWait = Callable[[str, float], None]
INTERRUPTED = 130
_FIRST_SECONDS, _EVERY_SECONDS = 3.0, 10.0
_host: list[OnWait] = []
_at_work: list[tuple[str, float]] = []
"""Plug-ins that are being opened, and since when."""


def be_host(on_wait: OnWait) -> None:
    """Move `sys.stderr` off descriptor 2, which plug-ins write to; `on_wait(name, seconds)` is told of waits.

    Nothing happens where `sys.stderr` is not the process's own, as under a test runner.
    """
    if _host or sys.stderr is not sys.__stderr__ or sys.stderr is None or sys.stderr.fileno() != 2:
        return
    sys.stderr.flush()
    ours = open(  # noqa: SIM115 - open until the process ends
        os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )
    sys.stderr = sys.__stderr__ = ours  # type: ignore[misc]
    _host.append(on_wait)


def waits() -> tuple[str, float] | None:
    """The plug-in that is being opened in some thread of this process, and for how many seconds."""
    return next(((name, time.monotonic() - since) for name, since in _at_work), None)


@contextlib.contextmanager
def opening(name: str) -> Iterator[None]:
    """Open the plug-in called `name` in this block."""
    now = (name, time.monotonic())
    _at_work.append(now)
    try:
        with _apart(name):
            yield
    finally:
        _at_work.remove(now)


@contextlib.contextmanager
def _apart(name: str) -> Iterator[None]:
    if not _host:
        with _hidden():
            yield
        return
    _hide()
    with _watched(name, _host[0]):
        yield


@contextlib.contextmanager
def _hidden() -> Iterator[None]:
    """Descriptor 2 leads nowhere while the block lasts."""
    before = os.dup(2)
    try:
        _hide()
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _hide() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


@contextlib.contextmanager
def _watched(name: str, on_wait: OnWait) -> Iterator[None]:
    """A second thread tells of the wait, and ends the program at Ctrl-C: the first one is not in Python."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    done, end = os.pipe()
    thread = threading.Thread(target=_watch, args=(name, on_wait, signals, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(end)
        thread.join()
        for descriptor in (signals, wake, done):
            os.close(descriptor)


def _watch(name: str, on_wait: OnWait, signals: int, done: int) -> None:
    started, wait = time.monotonic(), _FIRST_SECONDS
    while True:
        ready, _, _ = select.select([signals, done], [], [], wait)
        if done in ready:
            return
        if signals in ready:
            if signal.SIGINT in os.read(signals, 64):
                print("Interrupted; no partial file was left.", file=sys.stderr, flush=True)
                os._exit(INTERRUPTED)
            continue
        on_wait(name, time.monotonic() - started)
        wait = _EVERY_SECONDS
