"""What RVC voices do otherwise: how a stem is heard before one, and where it is cut.

It is heard at 16 kHz, without what lies beneath any voice: n samples, T frames of 160. It is cut into runs
between silences, long ones where RVC cuts; everything lies on frames of 10 ms, so that a frame of a piece is
a frame of the stem. RVC sings a stem from end to end; here silence is left out, as for other voices.

Source: the published facts of RVC (its high-pass, its padding, its cuts and their constants for a processor).
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.svc.phrases import PhraseSpan, runs

RATE, HOP = 16_000, 160
_ORDER, _CUTOFF_HZ = 5, 48.0
_UNIT, _NEEDED, _SHORTEST = 320, 80, 400
PAD_SECONDS = 1.0
QUERY_SECONDS, CENTRE_SECONDS, LONGEST_SECONDS = 6, 38, 41


def high_passed(audio16k: Samples) -> Samples:
    """The audio (n,) without what lies below 48 Hz, its phases as they were: filtered forwards and back."""
    from scipy.signal import filtfilt

    forward, back = _filter()
    if len(audio16k) <= 3 * max(len(forward), len(back)):
        return np.asarray(audio16k, np.float32)
    return np.ascontiguousarray(filtfilt(forward, back, audio16k.astype(np.float64)), np.float32)


@lru_cache(maxsize=1)
def _filter() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.signal import butter

    forward, back = butter(_ORDER, _CUTOFF_HZ, "high", fs=RATE)
    return np.asarray(forward), np.asarray(back)


def around(audio: Samples, first: int, stop: int) -> Samples:
    """Samples `first` to `stop` of a stem (n,), mirrored at its ends as often as it takes."""
    if not len(audio):
        return np.zeros(stop - first, np.float32)
    before, behind = max(-first, 0), max(stop - len(audio), 0)
    inside = audio[max(first, 0) : max(stop, 0)]
    if not before and not behind:
        return np.array(inside, np.float32)
    if len(audio) == 1:
        return np.full(stop - first, audio[0], np.float32)
    period = 2 * len(audio) - 2
    place = np.abs(np.arange(first, stop)) % period
    return np.asarray(audio[np.where(place < len(audio), place, period - place)], np.float32)


def frames_in(samples: int) -> int:
    """Frames that a voice sings of that many samples at 16 kHz: two for each whole unit of the encoder."""
    if samples < _SHORTEST:
        return 0
    return min(samples // HOP, 2 * ((samples - _NEEDED) // _UNIT))


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
