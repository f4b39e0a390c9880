"""Mean, worst pair and interval of a figure over pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 4000
SEED = 99


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over pairs; `low` and `high` are a 95 % bootstrap interval of the mean."""

    mean: float
    low: float
    high: float
    worst: float
    worst_pair: str


def figure(values: Mapping[str, float], *, more_is_better: bool) -> Figure:
    """Summary of one value a pair. Pairs are drawn again with replacement; seeded, so it repeats."""
    names, found = list(values), np.array(list(values.values()))
    draws = np.random.default_rng(SEED).integers(0, len(found), (DRAWS, len(found)))
    low, high = np.percentile(found[draws].mean(1), [2.5, 97.5])
    worst = int(np.argmin(found) if more_is_better else np.argmax(found))
    return Figure(float(found.mean()), float(low), float(high), float(found[worst]), names[worst])


def interval(wrong: Sequence[float], of: Sequence[int]) -> tuple[float, float]:
    """95 % bootstrap interval of a rate, clips drawn again with replacement."""
    errors, totals = np.array(wrong), np.array(of)
    draws = np.random.default_rng(SEED).integers(0, len(errors), (DRAWS, len(errors)))
    low, high = np.percentile(errors[draws].sum(1) / totals[draws].sum(1), [2.5, 97.5])
    return float(low), float(high)
