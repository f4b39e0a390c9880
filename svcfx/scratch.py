"""Room for long signals on the disk: what lies there is read and written as an array, and memory is free.

Arrays of `COUNTED_FROM` bytes or more lie in memory while they are `HELD` bytes together. Each further one is
a file without a name in the folder for temporary files (`TMPDIR`), mapped into memory: the system keeps as
much of it there as fits, and writes the rest away.
"""

import itertools
import math
import mmap
import os
import tempfile
import weakref
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:  # commands import what imports this, and their --help loads no numpy
    from typing import TypeVar

    import numpy as np
    from numpy.typing import NDArray

    Kind = TypeVar("Kind", bound=np.generic)

COUNTED_FROM, HELD = 2 * 2**20, 128 * 2**20
_held: dict[int, int] = {}
"""Bytes of the arrays that lie in memory, by number."""
_numbers = itertools.count()


@overload
def zeros(shape: tuple[int, ...]) -> "NDArray[np.float32]": ...
@overload
def zeros(shape: tuple[int, ...], kind: "type[Kind]") -> "NDArray[Kind]": ...
def zeros(shape: tuple[int, ...], kind: Any = None) -> "NDArray[Any]":
    """Silence of that shape, float32 or of another `kind`; in memory where it is small, or the disk has no
    room."""
    import numpy as np

    numbers = np.dtype(kind or np.float32)
    size = numbers.itemsize * math.prod(shape)
    if size < COUNTED_FROM:
        return np.zeros(shape, numbers)
    if sum(list(_held.values())) + size > HELD and hasattr(os, "posix_fallocate"):
        try:
            return np.frombuffer(_mapped(size), numbers).reshape(shape)
        except (OSError, ValueError):
            pass
    array, number = np.zeros(shape, numbers), next(_numbers)
    _held[number] = size
    weakref.finalize(array, _held.pop, number, None)
    return array


def times(samples: "NDArray[np.float32]", gain: "np.float32") -> "NDArray[np.float32]":
    """Samples at so many times their amplitude."""
    import numpy as np

    return np.multiply(samples, gain, out=zeros(samples.shape))


def copied(samples: "NDArray[np.floating]") -> "NDArray[np.float32]":
    """Samples once more, in float32."""
    import numpy as np

    copy = zeros(samples.shape)
    np.copyto(copy, samples, casting="same_kind")
    return copy


def placed(samples: "NDArray[np.floating]", at: int, frames: int) -> "NDArray[np.float32]":
    """Samples (channels, n) laid at frame `at` into `frames` of silence; what lies outside is cut."""
    whole = zeros((samples.shape[0], frames))
    lay(samples, whole, at)
    return whole


def lay(samples: "NDArray[np.floating]", whole: "NDArray[np.float32]", at: int) -> None:
    """Put samples (channels, n) into a `whole` at frame `at`; what lies outside is dropped."""
    first, last = max(at, 0), min(at + samples.shape[1], whole.shape[1])
    if last > first:
        whole[:, first:last] = samples[:, first - at : last - at]


def _mapped(size: int) -> mmap.mmap:
    with tempfile.TemporaryFile(prefix="svcfx-scratch-") as file:
        os.posix_fallocate(file.fileno(), 0, size)  # a page that has no place when it is written kills us
        return mmap.mmap(file.fileno(), size)
