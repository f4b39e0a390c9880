"""Know a sound again after another gain, rate or codec.

Each moment is a row of bits: whether the step from one band to the next grows. Two copies of one sound differ
in few bits, two takes of one line in nearly half of them. A sound that never changes has no fingerprint.

Source: J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

FFT, HOP = 8192, 1024
BANDS = 17
LOWEST_HZ, HIGHEST_HZ = 200.0, 4000.0
SAME_BELOW = 0.25
"""Share of differing bits. Measured: copies through gain and MP3 0.03 to 0.25, other takes from 0.36."""
SAME_BELOW_IN_A_SECOND = 0.42
"""In each second: two readings of one sentence with another word in it are no copies."""
LEAST_ROWS = 24
"""Half a second: fewer rows can be alike by chance."""
_SHIFTS = 3
_BALANCED = 0.3
_FLOOR = 1e-3
_LOUD = 0.01
_SECOND = 43
_HEAD, _HEAD_BELOW = 3 * _SECOND, 0.38
_WORDS = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
_COUNT = np.unpackbits(_WORDS, axis=1).sum(axis=1, dtype=np.uint8)
"""Bits that are set in each word."""

Bits = NDArray[np.uint8]
"""Rows of one bit for whether the moment is loud, and one for each step."""


def fingerprint(mono: Samples, sample_rate: int) -> bytes:
    """Three bytes for each 23 ms of (n,) samples; none when the sound is too short or does not change."""
    if len(mono) < FFT + HOP * LEAST_ROWS:
        return b""
    frames = np.lib.stride_tricks.sliding_window_view(mono, FFT)[::HOP]
    window = np.hanning(FFT).astype(np.float32)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * FFT / sample_rate
    starts = np.unique(np.round(edges).astype(int))
    power = [np.add.reduceat(np.abs(np.fft.rfft(f * window)) ** 2, starts)[:-1] for f in frames]
    relative = np.array(power) / (np.mean(power) + 1e-12)
    steps = np.diff(np.diff(np.log(relative + _FLOOR), axis=1), axis=0)
    bits = steps > 0
    if not _BALANCED < bits.mean() < 1.0 - _BALANCED or np.abs(steps).mean() < 1e-2:
        return b""
    loud = relative.mean(axis=1)[1:] > _LOUD
    return np.packbits(np.column_stack([loud, bits]), axis=1).tobytes()


def copies(prints: Sequence[bytes]) -> dict[int, int]:
    """Which fingerprints are copies of an earlier one: their index, and the index of the first."""
    rows = [np.unpackbits(np.frombuffer(p, np.uint8).reshape(-1, 3), axis=1)[:, :BANDS] for p in prints]
    order = sorted((k for k, bits in enumerate(rows) if len(bits)), key=lambda k: len(rows[k]))
    lengths = np.array([len(rows[index]) for index in order])
    heads = _heads([rows[index] for index in order])
    found: dict[int, int] = {}
    for place, index in enumerate(order):
        until = int(np.searchsorted(lengths, lengths[place] + _SHIFTS, side="right"))
        for near in place + 1 + np.flatnonzero(_begin_alike(heads[place], heads[place + 1 : until])):
            first, later = sorted((index, order[near]))
            if found.get(later, later) > first and _same(rows[first], rows[later]):
                found[later] = found.get(first, first)
    return found


def _heads(rows: Sequence[Bits]) -> NDArray[np.uint16]:
    """The steps of the first three seconds, a word for each moment: thousands are compared at once."""
    made = np.zeros((len(rows), _HEAD), np.uint16)
    for words, bits in zip(made, rows, strict=True):
        head = np.packbits(bits[:_HEAD, 1:], axis=1).view(np.uint16)[:, 0]
        words[: len(head)] = head
    return made


def _begin_alike(one: NDArray[np.uint16], others: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which of `others` (n, words) may be copies of `one`, with few that are not."""
    least = np.full(len(others), np.inf)
    for shift in range(-_SHIFTS, _SHIFTS + 1):
        a, b = one[max(shift, 0) : _HEAD + min(shift, 0)], others[:, max(-shift, 0) : _HEAD + min(-shift, 0)]
        least = np.minimum(least, _COUNT[a ^ b].mean(axis=1) / (BANDS - 1))
    return np.asarray(least < _HEAD_BELOW)


def _same(one: Bits, other: Bits) -> bool:
    return any(_alike(*_laid_over(one, other, shift)) for shift in range(-_SHIFTS, _SHIFTS + 1))


def _laid_over(one: Bits, other: Bits, shift: int) -> tuple[Bits, Bits]:
    a, b = one[max(shift, 0) :], other[max(-shift, 0) :]
    rows = min(len(a), len(b))
    return a[:rows], b[:rows]


def _alike(one: Bits, other: Bits) -> bool:
    """Whether bits agree over all, and in every second; where both are quiet they say nothing."""
    loud = (one[:, 0] & other[:, 0]).astype(np.bool_)
    differing = (one[loud, 1:] != other[loud, 1:]).mean(axis=1)
    if len(differing) < LEAST_ROWS // 2:
        return False
    width = min(_SECOND, len(differing))
    worst = np.convolve(differing, np.ones(width) / width, mode="valid").max()
    return bool(differing.mean() < SAME_BELOW and worst < SAME_BELOW_IN_A_SECOND)
