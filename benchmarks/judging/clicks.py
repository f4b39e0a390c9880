"""The click detector: the largest second difference of a millisecond against its neighbours' largest.

A click is a millisecond whose peak second difference is four times the peak of everything from 2 to
25 ms before and after it. A voice's own pulses come again within 25 ms and its consonants last longer
than 3 ms, so they are not counted; a lost, doubled or cut sample is. `proof` shows that it fires.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
FACTOR = 4.0
BEFORE_MS, GUARD_MS = 25, 2
QUIETEST = 1e-3
"""Second differences below -60 dBFS are no click that anybody hears."""


def find(audio: Samples, rate: int) -> NDArray[np.float64]:
    """Seconds of the clicks in audio (frames,)."""
    size = rate // 1000
    bend = np.abs(np.diff(audio.astype(np.float64), 2))
    count = len(bend) // size
    peaks = bend[: count * size].reshape(count, size).max(1)
    padded = np.pad(peaks, BEFORE_MS)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * BEFORE_MS + 1).copy()
    around[:, BEFORE_MS - GUARD_MS : BEFORE_MS + GUARD_MS + 1] = 0.0
    sharp = (peaks > QUIETEST) & (peaks > FACTOR * around.max(1))
    return np.flatnonzero(sharp) * size / rate


@dataclass(frozen=True, slots=True)
class Proof:
    """Of the clicks put in, the share found: one sample moved, 3 ms lost, and a phrase cut at full level."""

    moved_sample: float
    lost_piece: float
    cut_phrase: float


def proof(audio: Samples, rate: int, places_s: NDArray[np.float64]) -> Proof:
    """Damage a conversion at each of `places_s`, where a voice sounds, and count what is found."""

    def found(damage: "object") -> float:
        hits = []
        for seconds in places_s:
            at = int(seconds * rate)
            hurt, where = damage(audio, at, rate)  # type: ignore[operator]
            hits.append(bool(np.any(np.abs(find(hurt, rate) - where / rate) < 0.003)))
        return float(np.mean(hits))

    return Proof(found(_move), found(_lose), found(_cut))


def _around(audio: Samples, at: int, rate: int) -> Samples:
    return audio[max(0, at - rate // 5) : at + rate // 5].copy()


def _move(audio: Samples, at: int, rate: int) -> tuple[Samples, int]:
    """One sample half the local peak away from where it was."""
    part = _around(audio, at, rate)
    where = min(at, rate // 5)
    part[where] += 0.5 * np.abs(part).max()
    return part, where


def _lose(audio: Samples, at: int, rate: int) -> tuple[Samples, int]:
    """Three milliseconds missing where the wave is high, as a wrong join would lose them."""
    part = _around(audio, at, rate)
    where = _crest(part, min(at, rate // 5), rate)
    return np.concatenate([part[:where], part[where + 3 * rate // 1000 :]]), where


def _cut(audio: Samples, at: int, rate: int) -> tuple[Samples, int]:
    """A phrase that ends at once instead of dying away."""
    part = _around(audio, at, rate)
    where = _crest(part, min(at, rate // 5), rate)
    part[where:] = 0.0
    return part, where


def _crest(part: Samples, where: int, rate: int) -> int:
    reach = rate // 50
    return where + int(np.argmax(np.abs(part[where : where + reach])))
