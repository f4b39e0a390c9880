"""Give memory back between groups of phrases.

Phrases differ in length, so glibc's heap is left in pieces that fit no later one: without this a process grew
by 30 to 80 MB a phrase (measured with a 4.0 voice), and a long song by gigabytes.
"""

import ctypes
from functools import cache
from typing import Any

LARGE_SECONDS = 8.0
"""Phrases from here on are worth a hundredth of a second each; shorter ones share one, for each minute."""


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
