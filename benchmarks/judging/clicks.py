"""The click detector that reports use, `svcfx.dsp.clicks`, and the proof that it fires."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp.clicks import clicks as find

__all__ = ["Proof", "find", "proof"]
Samples = NDArray[np.float32]


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
