"""Cut a take into speech and silence, as so-vits-svc-fork does: every silent window is taken out.

Source: the published facts of so-vits-svc-fork.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp.runs import runs

Wave = NDArray[np.float32]
_FLOOR = 1e-5
_AT_ONCE = 64
"""Hops of audio that are added up in one go."""


class Slice(NamedTuple):
    """Samples [start, end) of a take, and whether nobody sings there."""

    silent: bool
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class ForkRules:
    """Threshold in dB against the loudest window, or full scale; lengths in seconds, 0 is no limit."""

    threshold_db: float = -40.0
    window_seconds: float = 0.5
    absolute: bool = False
    longest_seconds: float = 40.0


def slices(audio: Wave, rate_hz: int, rules: ForkRules = ForkRules()) -> list[Slice]:
    """Slices of a mono take (n,), in order and without gaps; speech longer than the limit is cut hard."""
    hop = int(min(rate_hz / 50 * 20 + 1, rules.window_seconds * rate_hz)) // 2
    spoken = _levels_db(audio, hop, rules.absolute) > rules.threshold_db
    longest = int(rules.longest_seconds * rate_hz)
    parts: list[Slice] = []
    position = 0
    for first, last in runs(spoken):
        start, end = min(first * hop, len(audio)), min(last * hop, len(audio))
        parts.append(Slice(True, position, start))
        parts += _pieces(start, end, longest)
        position = end
    parts.append(Slice(True, position, len(audio)))
    return [part for part in parts if part.end > part.start]


def _levels_db(audio: Wave, hop: int, absolute: bool) -> NDArray[np.float64]:
    """Level of windows of two hops about every hop, silence beyond the ends."""
    total = np.concatenate([np.zeros(1), *_totals(audio, hop)])
    rms = np.sqrt(np.maximum(total[2:] - total[:-2], 0.0) / (2 * hop))
    reference = 1.0 if absolute else float(rms.max(initial=0.0))
    return np.asarray(20.0 * np.log10(np.maximum(_FLOOR, rms) / max(_FLOOR, reference)))


def _totals(audio: Wave, hop: int) -> Iterator[NDArray[np.float64]]:
    """Energy until the end of each hop of audio with a hop of silence before and behind it, added up sample
    by sample; a piece of audio at a time."""
    carried, hops = 0.0, len(audio) // hop + 2
    for first in range(0, hops, _AT_ONCE):
        last = min(first + _AT_ONCE, hops)
        heard = np.zeros((last - first) * hop + 1)
        low, high = max(first - 1, 0) * hop, min((last - 1) * hop, len(audio))
        at = 1 + low - (first - 1) * hop
        heard[0], heard[at : at + high - low] = carried, np.asarray(audio[low:high], np.float64) ** 2
        total = np.cumsum(heard)[hop::hop]
        carried = float(total[-1])
        yield total


def _pieces(start: int, end: int, longest: int) -> list[Slice]:
    if longest <= 0:
        return [Slice(False, start, end)]
    return [Slice(False, at, min(at + longest, end)) for at in range(start, end, longest)]
