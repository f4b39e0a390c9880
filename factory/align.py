"""Which phone of one rendering is which phone of another, and where a frame of one lies in the other.

Needleman and Wunsch's global alignment over phone names (J. Mol. Biol. 48, 1970), then a straight
time map inside each matched phone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from factory.engines.speech import Phone
from factory.phones import PAUSE, SONORANTS, VOWELS

_GAP = 0.7
SAME, SUBSTITUTED, PAUSED = 1.0, 0.3, 0.2


def match(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs (index in left, index in right) in order; a phone without partner is in no pair."""
    cost = np.zeros((len(left) + 1, len(right) + 1))
    cost[:, 0] = _GAP * np.arange(len(left) + 1)
    cost[0, :] = _GAP * np.arange(len(right) + 1)
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            swap = cost[i - 1, j - 1] + _substitution(a, b)
            cost[i, j] = min(swap, cost[i - 1, j] + _GAP, cost[i, j - 1] + _GAP)
    return _trace(left, right, cost)


def _trace(left: Sequence[str], right: Sequence[str], cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    pairs, i, j = [], len(left), len(right)
    while i and j:
        if np.isclose(cost[i, j], cost[i - 1, j - 1] + _substitution(left[i - 1], right[j - 1])):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif np.isclose(cost[i, j], cost[i - 1, j] + _GAP):
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _substitution(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if PAUSE in (a, b):
        return 1.5
    for group, price in ((VOWELS, 0.4), (SONORANTS, 0.7)):
        if a in group and b in group:
            return price
    return 1.2 if (a in VOWELS) != (b in VOWELS) else 0.8


def locate(
    phones: Sequence[Phone], other: Sequence[Phone], index: NDArray[np.int64], part: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in `other` of frames given as (phone index, part of the phone 0..1), and their weights.

    Returns:
        Seconds (T,) and weights (T,): 1 same phone, 0.3 another, 0.2 a pause, 0 no partner.
    """
    starts, ends = np.zeros(len(phones)), np.zeros(len(phones))
    weight = np.zeros(len(phones))
    last = 0.0
    pairs = dict(match([p.name for p in phones], [p.name for p in other]))
    for i, phone in enumerate(phones):
        starts[i] = ends[i] = last
        if i in pairs:
            partner = other[pairs[i]]
            starts[i], ends[i], last = partner.start_s, partner.end_s, partner.end_s
            same = PAUSED if phone.name == PAUSE else SAME
            weight[i] = same if partner.name == phone.name else SUBSTITUTED
    return starts[index] + part * (ends[index] - starts[index]), weight[index]


def place(
    phones: Sequence[Phone], times_s: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Phone index and part 0..1 of each time; times outside are held at the ends."""
    starts = np.array([p.start_s for p in phones])
    ends = np.array([p.end_s for p in phones])
    index = np.clip(np.searchsorted(starts, times_s, side="right") - 1, 0, len(phones) - 1)
    part = np.clip((times_s - starts[index]) / np.maximum(ends[index] - starts[index], 1e-6), 0.0, 1.0)
    return index, part
