"""What an actor of a Ray cluster does on its node: the same as a worker process, asked from afar."""

import os
import pickle
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from svcfx import cores
from svcfx.errors import Cancelled, SvcfxError
from svcfx.events import Kept, Progress
from svcfx.render import machine


def facts(same: bytes) -> dict[str, str]:
    """What decides the samples that this machine makes, but for its processor: versions, code, and what the
    pickled function `same` gives."""
    more: Callable[[], Mapping[str, str]] = pickle.loads(same)
    return {**machine.versions(), "code": machine.code()[:12], **more()}


def take_over(environment: Mapping[str, str], folder: str) -> None:
    """Work in that folder, under the environment variables of svcfx of whoever asks, before numpy is loaded.

    Raises:
        OSError: The folder is not there.
    """
    for name in {*machine.SETTINGS, *(name for name in os.environ if name.startswith("SVCFX_"))}:
        os.environ.pop(name, None)
    os.environ.update(environment)
    os.chdir(folder)


def handed_over() -> dict[str, str]:
    """The environment variables of svcfx and of the libraries' kernels, for `take_over`."""
    told = {name: value for name, value in os.environ.items() if name.startswith("SVCFX_")}
    return told | {name: os.environ[name] for name in machine.SETTINGS if name in os.environ}


class Worker:
    """Does tasks with work that stays warm; `at` and `stop` are called while it does one."""

    def __init__(self, work: bytes, threads: int) -> None:
        self._work, self._threads = pickle.loads(work), threads
        self._stop, self._share = threading.Event(), 0.0
        cores.keep_to(threads)

    def do(self, task: Any) -> Any:
        """One task's result, or the error that a person can act on."""
        self._share = 0.0
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(self._threads)
        try:
            return self._work(task, Kept(self._heard, self._stop.is_set))
        except Cancelled:
            return None
        except SvcfxError as error:
            return error

    def _heard(self, at: Progress) -> None:
        self._share = at.done_fraction

    def at(self) -> float:
        """To what share the task at work is done, 0 to 1."""
        return self._share

    def stop(self) -> None:
        """Let the task at work end by itself."""
        self._stop.set()
