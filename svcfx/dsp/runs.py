"""Stretches in which something holds without a break."""

import numpy as np
from numpy.typing import NDArray


def runs(holds: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First index and the one behind the last of each stretch where (n,) is true, in order.

    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
