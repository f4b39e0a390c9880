"""Join renders of overlapping blocks where they agree best: synchronised overlap-add.

Source: W. Verhelst and M. Roelands, "WSOLA", 1993; block sizes are those of so-vits-svc-fork's realtime path.
"""

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]

_NO_POWER = 1e-8


def best_shift(tail: Wave, block: Wave, search: int) -> int:
    """Shift from 0 to `search` at which the start of `block` is most like `tail`, both (n,) mono."""
    length = len(tail)
    head = np.asarray(block[: search + length], np.float64)
    likeness = np.correlate(head, np.asarray(tail, np.float64), mode="valid")
    total = np.concatenate([[0.0], np.cumsum(head * head)])
    power = total[length:] - total[: len(total) - length]
    return int(np.argmax(likeness / np.sqrt(np.maximum(power, 0.0) + _NO_POWER)))


def splice(tail: Wave, block: Wave, search: int) -> Wave:
    """Fade from `tail` into `block` at its best shift; `search` samples of the block are spent on it.

    Returns:
        (len(block) - search,), of which the first len(tail) are the fade.
    """
    shift = best_shift(tail, block, search)
    joined = np.array(block[shift : shift + len(block) - search])
    rise = np.linspace(0.0, 1.0, len(tail))
    joined[: len(tail)] = tail * rise[::-1] + joined[: len(tail)] * rise
    return joined
