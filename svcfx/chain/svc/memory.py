"""Memory: takes of one length, as many at a time as it holds; and what groups of phrases leave is given back.

Phrases differ in length, so glibc's heap is left in pieces that fit no later one: without `give_back` a
process grew by 30 to 80 MB a phrase (measured with a 4.0 voice), and a long song by gigabytes.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch

from svcfx.chain.svc.take import Take
from svcfx.errors import SvcfxError

LARGE_SECONDS = 8.0
"""Phrases from here on are worth a hundredth of a second each; shorter ones share one, for each minute."""
Perform = Callable[[Sequence[Take]], torch.Tensor]


@cache
def _trim() -> Any:
    """glibc's `malloc_trim`; None where the C library has none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None


def give_back() -> None:
    """Return what is free in the heap to the system; a hundredth of a second at most. Nothing off glibc."""
    trim = _trim()
    if trim is not None:
        trim(0)


def fitting(perform: Perform, takes: Sequence[Take], most: int) -> list[torch.Tensor]:
    """Audio (N,) of each take, `most` samples at once; where memory ends, half as many, and so on.

    Raises:
        SvcfxError: A single take does not fit in memory.
    """
    count = max(most // max(len(takes[0].audio), 1), 1)
    groups = [takes[first : first + count] for first in range(0, len(takes), count)]
    return [audio for group in groups for audio in _halving(perform, group)]


def _halving(perform: Perform, takes: Sequence[Take]) -> list[torch.Tensor]:
    try:
        return list(perform(takes))
    except RuntimeError as error:
        if not _is_out_of_memory(error):
            raise
        if len(takes) == 1:
            raise _too_long(takes[0]) from error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(takes) // 2
    return _halving(perform, takes[:middle]) + _halving(perform, takes[middle:])


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)


def _too_long(take: Take) -> SvcfxError:
    return SvcfxError(
        f"a phrase of {len(take.audio)} samples does not fit in memory",
        hint="Close other programs, or sing on the `device` cpu.",
    )
