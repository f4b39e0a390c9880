"""Where nets run, and on how many threads."""

import contextlib
import threading
from collections.abc import Iterator

import torch

from svcfx.errors import ParamError


def resolve(name: str) -> torch.device:
    """The device called `name`: "cpu", or "auto" for the best one that this voice runs on.

    Raises:
        ParamError: The device is unknown. The parametric voice runs on the CPU, faster than audio.
    """
    if name in ("auto", "cpu"):
        return torch.device("cpu")
    raise ParamError(f"device is '{name}', allowed are auto, cpu", hint="this voice needs no accelerator")


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
