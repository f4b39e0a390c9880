"""Memory that was let go and is asked for again soon: the C library is told to keep it at hand.

glibc gives a free piece of a megabyte back to the system, which clears the next one page by page: of a song
whose reverb was turned a sixth of the work was that. What memory work finds changes nothing that comes out.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
LARGEST_BYTES, KEPT_BYTES = 32 * 2**20, 64 * 2**20
"""Of one piece, the most that glibc allows; and of all that lies free at the end of its memory."""


def keep() -> None:
    """Have this process keep what it lets go; where the C library is another one, nothing is done."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_MMAP_THRESHOLD, LARGEST_BYTES)
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
