"""What an actor of a Ray cluster does on its node: the same as a worker process, asked from afar."""

import os
import pickle
import threading
from collections.abc import Callable, Mapping
from typing import Any

from svcfx.events import Kept, Progress
from svcfx.render import machine
from svcfx.render.processes import keep_to, outcome


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

    def do(self, task: Any) -> Any:
        """One task's result, or the error that a person can act on."""
        self._share = 0.0
        keep_to(self._threads)  # each time: the task before may have loaded torch
        return outcome(self._work, task, Kept(self._heard, self._stop.is_set))

    def _heard(self, at: Progress) -> None:
        self._share = at.done_fraction

    def at(self) -> float:
        """To what share the task at work is done, 0 to 1."""
        return self._share

    def stop(self) -> None:
        """Let the task at work end by itself."""
        self._stop.set()
