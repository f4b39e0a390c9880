"""Room for long signals on the disk: what lies there is read and written as an array, and memory is free.

An array of `MAPPED_FROM` bytes or more is a file without a name in the folder for temporary files (`TMPDIR`),
mapped into memory: the system keeps as much of it there as fits, and writes the rest away.
"""

import math
import mmap
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands import what imports this, and their --help loads no numpy
    import numpy as np
    from numpy.typing import NDArray

MAPPED_FROM = 64 * 2**20


def zeros(shape: tuple[int, ...]) -> "NDArray[np.float32]":
    """Silence of that shape, float32; in memory where it is small, or the disk has no room."""
    import numpy as np

    size = 4 * math.prod(shape)
    if size >= MAPPED_FROM and hasattr(os, "posix_fallocate"):
        try:
            return np.frombuffer(_mapped(size), np.float32).reshape(shape)
        except (OSError, ValueError):
            pass
    return np.zeros(shape, np.float32)


def _mapped(size: int) -> mmap.mmap:
    with tempfile.TemporaryFile(prefix="svcfx-scratch-") as file:
        os.posix_fallocate(file.fileno(), 0, size)  # a page that has no place when it is written kills us
        return mmap.mmap(file.fileno(), size)
