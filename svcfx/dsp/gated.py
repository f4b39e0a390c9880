"""Gated loudness by ITU-R BS.1770-4 of audio that comes in blocks, so that a long stem needs little memory.

Annex 1: K-weighting, 400 ms blocks that overlap by 75 %, gates at -70 LUFS and -10 LU. Its filters are given
at 48 kHz; here their analogue prototypes are brought to any rate by the bilinear transform.

They are played by FFT, for scipy's filters take longer to import than a song to measure. Poles of the
slowest, the high-pass at 38 Hz, fall as exp(-240 t): behind 0.2 s of context nothing of float64 is missing.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from svcfx import cores
from svcfx.audio import Samples

HOP_SECONDS, HOPS = 0.1, 4
"""One block a hop; a block is that many hops (eq. 3)."""
_OFFSET = 0.691  # eq. 2
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
_RANGE_HOPS, _RANGE_GATE_LU, _RANGE_SHARES = 30, -20.0, (0.10, 0.95)
"""Of the loudness range, EBU Tech 3342: blocks of 3 s, their relative gate, and what share lies below."""
_CONTEXT, _WHOLE = 2, 16
"""Hops before those that are filtered, and all that are in one transform."""


class GatedLoudness:
    """Loudness of signals that come in blocks; how they are cut changes nothing.

    Each channel counts once (weights of left, right and centre, table 3).
    """

    def __init__(self, sample_rate: float, channels: int = 1) -> None:
        self._rate, self._hop = sample_rate, round(HOP_SECONDS * sample_rate)
        self._before = np.zeros((channels, _CONTEXT * self._hop))
        self._rest = np.zeros((channels, 0))
        self._powers: list[NDArray[np.float64]] = []

    def push(self, samples: Samples) -> None:
        """Add (n,) samples of one channel, or (channels, n)."""
        given = np.atleast_2d(samples)
        step, start = (_WHOLE - _CONTEXT) * self._hop, -self._rest.shape[1]
        pieces, before = [], self._before
        while given.shape[1] - start >= step:
            piece = given[:, max(start, 0) : start + step]
            if start < 0:
                piece = np.concatenate([self._rest, piece], axis=1)
            pieces.append((before, piece))
            before = np.array(piece[:, -before.shape[1] :], np.float64)
            start += step
        self._powers += cores.each(lambda both: self._filtered(*both), pieces)
        self._before = before
        left = given[:, max(start, 0) :]
        self._rest = np.concatenate([self._rest[:, : max(-start, 0)], left], axis=1)

    @property
    def lufs(self) -> float:
        """Gated loudness so far; minus infinity when no block of 400 ms lies above the gates."""
        return self.lufs_at(1.0)

    def lufs_at(self, gain: float) -> float:
        """Gated loudness so far, had all of it been `gain` times the amplitude."""
        blocks = _gated(self._blocks(HOPS) * gain**2, _RELATIVE_GATE_LU)  # eq. 5 and 6
        return _lufs(blocks) if blocks.size else -math.inf  # eq. 7

    @property
    def range_lu(self) -> float:
        """Loudness range so far (EBU Tech 3342); 0 when no 3 s lie above the gates."""
        blocks = _gated(self._blocks(_RANGE_HOPS), _RANGE_GATE_LU)
        if not blocks.size:
            return 0.0
        low, high = np.quantile(blocks, _RANGE_SHARES)
        return 10.0 * math.log10(high / low)

    @property
    def momentary_lufs(self) -> NDArray[np.float64]:
        """Loudness of every block of 0.4 s so far, one each 0.1 s, not gated; -inf in silence."""
        with np.errstate(divide="ignore"):
            return np.asarray(10.0 * np.log10(self._blocks(HOPS)) - _OFFSET)

    def _blocks(self, hops: int) -> NDArray[np.float64]:
        """Powers of every whole block of that many hops."""
        powers = np.concatenate([*self._powers, self._filtered(self._before, self._rest)])
        if len(powers) < hops:
            return np.zeros(0)
        return np.asarray(np.lib.stride_tricks.sliding_window_view(powers, hops).mean(1))

    def _filtered(self, before: NDArray[np.floating], piece: NDArray[np.floating]) -> NDArray[np.float64]:
        """Power of each whole hop of a piece behind the filters, all channels together (eq. 1 and 4)."""
        whole = piece.shape[1] // self._hop
        frames = _WHOLE * self._hop
        joined = np.zeros((len(piece), frames))
        joined[:, : before.shape[1]] = before
        joined[:, before.shape[1] :][:, : whole * self._hop] = piece[:, : whole * self._hop]
        heard = np.fft.irfft(np.fft.rfft(joined) * _response(self._rate, frames), frames)
        hops = np.square(heard).reshape(len(piece), _WHOLE, self._hop).mean(2).sum(0)
        return np.asarray(hops[_CONTEXT : _CONTEXT + whole])


def _gated(blocks: NDArray[np.float64], relative_lu: float) -> NDArray[np.float64]:
    """What lies above the absolute gate, and then above one that far below the loudness of that."""
    for gate_lu in (None, relative_lu):
        if blocks.size:
            floor = _ABSOLUTE_GATE_LUFS if gate_lu is None else _lufs(blocks) + gate_lu
            blocks = blocks[blocks > 10.0 ** ((floor + _OFFSET) / 10.0)]
    return blocks


def _lufs(powers: NDArray[np.float64]) -> float:
    return 10.0 * math.log10(float(powers.mean())) - _OFFSET


@lru_cache(maxsize=8)
def _response(sample_rate: float, frames: int) -> NDArray[np.complex128]:
    """The K-weighting at the frequencies of a transform of `frames`: a shelf of 4 dB above 1.7 kHz, and a
    high-pass."""
    back = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)
    sections = (
        _shelf(1681.974450955533, 3.999843853973347, 0.7071752369554196, sample_rate),
        _high_pass(38.13547087602444, 0.5003270373238773, sample_rate),
    )
    (first, second) = (
        np.polyval(top[::-1], back) / np.polyval(bottom[::-1], back) for top, bottom in sections
    )
    return np.asarray(first * second)


Section = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Coefficients of z^0, z^-1 and z^-2, above and below."""


def _shelf(hz: float, gain_db: float, quality: float, rate: float) -> Section:
    warped = math.tan(math.pi * hz / rate)
    high = 10.0 ** (gain_db / 20.0)
    band = high**0.4996667741545416
    bottom = 1.0 + warped / quality + warped**2
    top = (
        (high + band * warped / quality + warped**2) / bottom,
        2.0 * (warped**2 - high) / bottom,
        (high - band * warped / quality + warped**2) / bottom,
    )
    return top, _poles(warped, quality, bottom)


def _high_pass(hz: float, quality: float, rate: float) -> Section:
    warped = math.tan(math.pi * hz / rate)
    return (1.0, -2.0, 1.0), _poles(warped, quality, 1.0 + warped / quality + warped**2)


def _poles(warped: float, quality: float, bottom: float) -> tuple[float, float, float]:
    return 1.0, 2.0 * (warped**2 - 1.0) / bottom, (1.0 - warped / quality + warped**2) / bottom
