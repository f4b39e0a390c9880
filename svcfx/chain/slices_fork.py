"""Cut a take into speech and silence, as so-vits-svc-fork does: every silent window is taken out.

Source: the published facts of so-vits-svc-fork.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.slices_sv41 import Slice
from svcfx.dsp.runs import runs

Wave = NDArray[np.float32]
_FLOOR = 1e-5


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
    power = np.pad(np.asarray(audio, np.float64) ** 2, hop)
    total = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - 2 * hop + 1, hop)
    rms = np.sqrt(np.maximum(total[starts + 2 * hop] - total[starts], 0.0) / (2 * hop))
    reference = 1.0 if absolute else float(rms.max(initial=0.0))
    return np.asarray(20.0 * np.log10(np.maximum(_FLOOR, rms) / max(_FLOOR, reference)))


def _pieces(start: int, end: int, longest: int) -> list[Slice]:
    if longest <= 0:
        return [Slice(False, start, end)]
    return [Slice(False, at, min(at + longest, end)) for at in range(start, end, longest)]
