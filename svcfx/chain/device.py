"""Where nets run, and on how many threads. The shipped voices run on the CPU, faster than audio."""

import contextlib
import os
import threading
from collections.abc import Iterator

import torch

from svcfx.errors import ParamError

VARIABLE = "SVCFX_DEVICE"
"""Environment variable: where the networks of so-vits-svc voices run; "auto" when it is not set."""


def available() -> list[str]:
    """Devices of this machine, the best one first."""
    graphics = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return [*graphics, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]


def resolve(name: str | None = None) -> torch.device:
    """The device called `name`, by default what `SVCFX_DEVICE` says; "auto" is the best of this machine.

    Raises:
        ParamError: There is no such device.
    """
    asked = name or os.environ.get(VARIABLE) or "auto"
    there = available()
    if asked == "auto":
        return torch.device(there[0])
    if asked in there or (asked == "cuda" and there[0].startswith("cuda")):
        return torch.device(asked)
    raise ParamError(
        f"device is '{asked}', this machine has {', '.join(there)}", hint="'auto' takes the best one"
    )


_lock = threading.Lock()
_running = 0
_threads_before = 1


@contextlib.contextmanager
def inference(threads: int | None = 1) -> Iterator[None]:
    """No gradients, one thread: slices are small, and sums must not depend on the core count.

    Phrases are large: `threads=None` leaves them all that torch was given.

    Part of torch's thread count belongs to the process, so it is given back when nobody is inside any more.
    """
    global _running, _threads_before
    with _lock:
        if _running == 0:
            _threads_before = torch.get_num_threads()
        _running += 1
        _set_threads(threads or _threads_before)
    try:
        with torch.inference_mode():
            yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                _set_threads(_threads_before)


def _set_threads(count: int) -> None:
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
