"""Where a stem is sung by an RVC voice: runs between silences, long ones cut where RVC cuts.

Everything lies on frames of 10 ms, so that a frame of a piece is a frame of the stem. RVC sings a stem from
end to end; here silence is left out, as for other voices.

Source: the published facts of RVC (its cuts and their constants for a processor).
"""

from collections.abc import Iterator

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.rvc.hearing import HOP, RATE, around
from svcfx.chain.svc.phrases import PhraseSpan, runs

PAD_SECONDS = 1.0
QUERY_SECONDS, CENTRE_SECONDS, LONGEST_SECONDS = 6, 38, 41


def cut(audio: Samples, rate_hz: int, heard16k: Samples) -> list[PhraseSpan]:
    """Phrases of a mono stem (n,) at the voice's rate, which is `heard16k` at 16 kHz."""
    hop = rate_hz * HOP // RATE
    found = []
    for low, high in _on_frames(runs(audio, rate_hz), hop, len(audio)):
        starts = [
            low,
            *(place // HOP * hop for place in _cuts(heard16k, low // hop * HOP, -(-high // hop) * HOP)),
        ]
        found += [PhraseSpan(a, b, low, high) for a, b in zip(starts, [*starts[1:], high], strict=True)]
    return found


def _on_frames(spans: list[tuple[int, int]], hop: int, total: int) -> Iterator[tuple[int, int]]:
    """Runs that begin and end on frames; those that touch then are one."""
    last: tuple[int, int] | None = None
    for start, stop in spans:
        low, high = start // hop * hop, min(-(-stop // hop) * hop, total)
        if last is not None and low <= last[1]:
            last = (last[0], high)
            continue
        if last is not None:
            yield last
        last = (low, high)
    if last is not None:
        yield last


def _cuts(heard16k: Samples, low: int, high: int) -> Iterator[int]:
    """Samples at 16 kHz, multiples of 160, where a run is cut: near each 38 s, where 10 ms are quietest."""
    if high - low + HOP <= LONGEST_SECONDS * RATE:
        return
    reach = int(QUERY_SECONDS * RATE)
    for middle in range(low + CENTRE_SECONDS * RATE, high, CENTRE_SECONDS * RATE):
        first, stop = middle - reach, min(middle + reach, high)
        loud = np.abs(around(heard16k, first - HOP // 2, stop + HOP // 2)).astype(np.float64)
        total = np.concatenate([[0.0], np.cumsum(loud)])
        quietest = first + int(np.argmin(total[HOP:] - total[:-HOP]))
        yield quietest // HOP * HOP
