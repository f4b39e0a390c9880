"""Keep the processor's floating-point mode: some VST3s switch it when they are opened, and leave it so.

Measured: opening, or only asking for the names in, ZamCompX2 or ZaMaximX2 makes every number below
2e-308 zero from then on in that thread, in numpy too.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_ENOUGH_BYTES = 512  # an fenv_t has 28 to 32 on the systems that we know


@cache
def _maths() -> Any:
    for name in (None, "libm.so.6"):
        try:
            library = ctypes.CDLL(name)
        except (OSError, TypeError):  # a system without such a library keeps what the plugin leaves
            continue
        if hasattr(library, "fegetenv") and hasattr(library, "fesetenv"):
            return library
    return None


@contextmanager
def kept() -> Iterator[None]:
    """Put the floating-point mode of this thread back when the block ends."""
    maths = _maths()
    if maths is None:
        yield
        return
    mode = ctypes.create_string_buffer(_ENOUGH_BYTES)
    maths.fegetenv(mode)
    try:
        yield
    finally:
        maths.fesetenv(mode)
