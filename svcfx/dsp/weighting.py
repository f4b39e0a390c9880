"""How loud the ear finds a tone: the A-weighting of IEC 61672-1."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NEPERS_A_DB = float(np.log(10.0) / 20.0)


def a_weight(hz: Array) -> Array:
    """A-weighting in natural-log amplitude at any frequency in Hz.

    >>> (a_weight(np.array([100.0, 1000.0, 10000.0])) / NEPERS_A_DB).round(1).tolist()
    [-19.1, 0.0, -2.5]
    """
    square = np.asarray(hz, np.float64) ** 2
    top = 12194.0**2 * square**2
    bottom = (square + 20.6**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2)) * (square + 12194.0**2)
    return np.asarray(np.log(np.maximum(top / bottom, 1e-9)) + 2.0 * NEPERS_A_DB)
