"""Where nets run, and on how many threads."""

import contextlib
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


@contextlib.contextmanager
def inference() -> Iterator[None]:
    """No gradients, one thread: slices are small, and sums must not depend on the core count."""
    threads = torch.get_num_threads()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            yield
    finally:
        if threads != 1:
            torch.set_num_threads(threads)
