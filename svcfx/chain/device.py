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


def resolve(name: str = "") -> torch.device:
    """The device called `name`, for "" what `SVCFX_DEVICE` says; "auto" is the best of this machine.

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


def facts(name: str) -> dict[str, object]:
    """What networks' sums depend on at that device, beside the processor: its model, threads, kernels."""
    if name == "cpu":
        return {"threads": torch.get_num_threads(), "kernels": torch.backends.cpu.get_cpu_capability()}
    if name.startswith("cuda"):
        model = torch.cuda.get_device_name(torch.device(name))
        return {"model": model, "cuda": str(torch.version.cuda), "cudnn": _cudnn()}
    return {"device": name}


def _cudnn() -> int | None:
    found: int | None = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return found


_free = threading.Condition()
_running = 0
_count = _count_before = 1
_inside = threading.local()


@contextlib.contextmanager
def inference(threads: int | None = 1) -> Iterator[None]:
    """No gradients, one thread: slices are small, and sums must not depend on the core count.

    Phrases are large: `threads=None` leaves them all that torch was given. The thread count belongs to the
    process, so who wants another one waits until nobody is inside, and the last one gives it back. Inside
    another inference, the outer one's count stays.
    """
    if getattr(_inside, "now", False):
        yield
        return
    _enter(threads)
    _inside.now = True
    try:
        with torch.inference_mode():
            yield
    finally:
        _inside.now = False
        _leave()


def _enter(threads: int | None) -> None:
    global _running, _count, _count_before
    with _free:
        _free.wait_for(lambda: _running == 0 or _count == (threads or _count_before))
        if _running == 0:
            _count_before = torch.get_num_threads()
            _count = threads or _count_before
        _running += 1
        _set_threads(_count)


def _leave() -> None:
    global _running
    with _free:
        _running -= 1
        if _running == 0:
            _set_threads(_count_before)
            _free.notify_all()


def _set_threads(count: int) -> None:
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
