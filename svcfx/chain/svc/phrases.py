"""Where a stem is sung: phrases between silences, a function of the stem alone.

Silent windows are taken out by the rule of so-vits-svc-fork, with a lower threshold, so that no breath is
lost. A phrase hears half a second of digital silence on both sides, as those voices were always used. A run
that is too long is cut where it is quietest, and there both parts hear what lies beyond the cut.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.svc import slices
from svcfx.dsp import levels

THRESHOLD_DB = -60.0
"""Against the stem's loudest window."""
SILENT_PEAK = 1e-4
"""A stem below -80 dBFS is not sung at all."""
PAD_SECONDS = 0.5
LONGEST_SECONDS = 20.0
FADE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class PhraseSpan:
    """Samples `start` to `stop` of the stem, sung in one piece; the run it lies in is `low` to `high`."""

    start: int
    stop: int
    low: int
    high: int

    def heard(self, audio: Samples, pad: int) -> Samples:
        """What the voice hears (stop - start + 2 pad,): the run it lies in, silence beyond."""
        first, last = max(self.start - pad, self.low), min(self.stop + pad, self.high)
        out = np.zeros(self.stop - self.start + 2 * pad, np.float32)
        at = first - (self.start - pad)
        out[at : at + last - first] = audio[first:last]
        return out


def cut(audio: Samples, rate_hz: int) -> list[PhraseSpan]:
    """Phrases of a mono stem (n,), in order."""
    return [phrase for low, high in runs(audio, rate_hz) for phrase in _pieces(audio, low, high, rate_hz)]


def runs(audio: Samples, rate_hz: int) -> list[tuple[int, int]]:
    """Where each run between silences begins and ends, in samples of a mono stem (n,)."""
    if not len(audio) or levels.peak(audio) < SILENT_PEAK:
        return []
    rules = slices.ForkRules(threshold_db=THRESHOLD_DB, longest_seconds=0.0)
    return [(part.start, part.end) for part in slices.slices(audio, rate_hz, rules) if not part.silent]


def _pieces(audio: Samples, low: int, high: int, rate_hz: int) -> list[PhraseSpan]:
    longest = int(LONGEST_SECONDS * rate_hz)
    starts = [low]
    while high - starts[-1] > longest:
        starts.append(_quietest(audio, starts[-1] + longest // 2, starts[-1] + longest, rate_hz))
    return [PhraseSpan(a, b, low, high) for a, b in zip(starts, [*starts[1:], high], strict=True)]


def _quietest(audio: Samples, first: int, last: int, rate_hz: int) -> int:
    """Middle of the quietest 50 ms between two samples."""
    hop = rate_hz // 40
    count = (last - first) // hop
    power = np.square(audio[first : first + count * hop], dtype=np.float64).reshape(count, hop).sum(1)
    return first + hop * (1 + int(np.argmin(power[:-1] + power[1:])))


def gains(phrase: PhraseSpan, total: int, rate_hz: int) -> tuple[int, Samples]:
    """First sample and gains (n,) of a phrase in the joined stem of `total` samples.

    It is whole from `start` to `stop` and fades into the silence beside it; at a cut the gains of both parts
    add to 1.
    """
    fade = int(FADE_SECONDS * rate_hz)
    first, last = max(phrase.start - fade, 0), min(phrase.stop + fade, total)
    place = np.arange(first, last, dtype=np.int64)
    rise = _step(place, phrase.start - (0 if phrase.start > phrase.low else fade / 2), fade)
    fall = _step(place, phrase.stop + (0 if phrase.stop < phrase.high else fade / 2), fade)
    return first, np.asarray(rise - fall, np.float32)


def _step(place: NDArray[np.int64], middle: float, width: int) -> NDArray[np.float64]:
    """Raised cosine from 0 to 1, `width` samples about `middle` (twice that where two parts meet)."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip((place - middle) / width + 0.5, 0.0, 1.0)))
