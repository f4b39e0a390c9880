"""The program's first thread, the only one in which VST3s open: it does what others need of it."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from svcfx.errors import Cancelled

T = TypeVar("T")
_LOOK_SECONDS = 0.5
"""How often it is looked whether to go on; where signals do not end a wait, how long Ctrl-C takes."""


class Host:
    """Takes work from other threads; where it does not `serve`, they do it themselves."""

    def __init__(self) -> None:
        self._asked: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue()
        self._lock = threading.Lock()
        self._serves = False
        self._open: list[Future[Any]] = []

    def do(self, work: Callable[[], T]) -> T:
        """What `work` gives or raises, done in the thread that serves, behind what was asked before.

        Raises:
            Cancelled: It ended meanwhile.
        """
        future: Future[T] = Future()
        with self._lock:
            takes = self._serves and threading.current_thread() is not threading.main_thread()
            if takes:
                self._open = [one for one in self._open if not one.done()] + [future]
                self._asked.put((work, future))
        return future.result() if takes else work()

    def serve(self, goes_on: Callable[[], bool]) -> None:
        """Do what is asked, in this thread, as long as `goes_on`, or until Ctrl-C."""
        self._serves = True
        try:
            while goes_on():
                try:
                    _do(*self._asked.get(timeout=_LOOK_SECONDS))
                except queue.Empty:
                    continue
        finally:
            with self._lock:
                self._serves, self._asked = False, queue.Queue()
            for future in self._open:  # also what was taken, and not begun, when Ctrl-C came
                if not future.done():
                    future.set_exception(Cancelled("the studio was closed"))


def _do(work: Callable[[], Any], future: "Future[Any]") -> None:
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)
