"""Pieces of work on several cores at once, where the work lets go of Python's lock, as that of numpy does.

How many cores there are changes nothing of what comes out: pieces are cut by what they are of alone.
"""

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

Piece = TypeVar("Piece")
Given = TypeVar("Given")
_kept_to: list[int] = []


def count() -> int:
    """Cores that this process may use: libraries run on as many threads, and sums are split by them."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def keep_to(most: int) -> None:
    """Use at most so many, for other processes use the rest."""
    _kept_to[:] = [most]


def rest_early() -> None:
    """Have threads that libraries keep for their sums sleep soon after one, unless the user says otherwise.

    By default they look for the next sum for milliseconds (OpenBLAS, numpy's) or tens of thousands of rounds
    more (libgomp, torch's), and take a core from other work: a quarter of the processor time of a song was
    that. To be called before either is loaded. When a thread sleeps changes nothing that comes out.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # 2 ** 4 cycles
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # rounds, as few as lie between sums


def each(work: Callable[[Piece], Given], pieces: Sequence[Piece]) -> list[Given]:
    """What `work` gives of each piece, in order; raises the first of its errors."""
    threads = min(len(pieces), _threads())
    if threads < 2:
        return [work(piece) for piece in pieces]
    from concurrent.futures import ThreadPoolExecutor  # here: commands that only ask need none

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))


def _threads() -> int:
    """Those that are at hand: `OMP_NUM_THREADS` is for us too."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min([count(), *_kept_to, *([max(int(asked), 1)] if asked.isdecimal() else [])])
