"""How late one rendering of a sound is against another: compared by when things begin.

A pitch shifter changes every waveform and moves every partial, so neither samples nor bands can be
compared. What survives is the moment at which energy appears anywhere in the spectrum.
Source: spectral flux on log-compressed magnitudes, S. Dixon, Onset Detection Revisited, DAFx 2006.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.dsp.resample import resample

SEARCH_SECONDS = 0.025
_RATE = 22_050
_WINDOW, _HOP = 256, 11  # 11.6 ms, 0.5 ms at the rate above
_GAP = 6  # hops between the two spectra of a difference, 3 ms
_BLOCK = 4096  # spectra held at a time
_EXCERPT_SECONDS = 12.0
_COMPRESSION = 100.0
_ALIKE = 0.6
"""Likeness of two onset curves of one sound: above 0.87 where anything begins, below 0.2 for a held chord."""

Flux = NDArray[np.float64]


def lag_seconds(before: Samples, after: Samples, sample_rate: float) -> float | None:
    """Seconds by which `after` lags `before`, both (channels, frames); None when nothing begins clearly.

    The peak of the correlation of the two onset curves, within 25 ms either way, over the 12 s and the
    channel that have most energy.
    """
    channel = int(np.argmax(np.einsum("cf,cf->c", before, before, dtype=np.float64)))
    start, stop = _loudest(before[channel], round(_EXCERPT_SECONDS * sample_rate))
    first = _onsets(before[channel : channel + 1, start:stop], sample_rate)
    second = _onsets(after[channel : channel + 1, start:stop], sample_rate)
    reach = round(SEARCH_SECONDS * _RATE / _HOP)
    norm = float(np.sqrt((first @ first) * (second @ second)))
    if len(first) <= 4 * reach or norm <= 0.0:
        return None
    inner = first[reach:-reach]
    likeness = np.correlate(second, inner, mode="valid") / norm
    best = int(np.argmax(likeness))
    if likeness[best] < _ALIKE or best in (0, len(likeness) - 1):
        return None
    return (best + _vertex(*likeness[best - 1 : best + 2]) - reach) * _HOP / _RATE


def _loudest(channel: NDArray[np.float32], frames: int) -> tuple[int, int]:
    total = len(channel)
    if total <= frames:
        return 0, total
    starts = range(0, total - frames + 1, frames)
    energies = [float(np.dot(piece, piece)) for piece in (channel[at : at + frames] for at in starts)]
    start = starts[int(np.argmax(energies))]
    return start, start + frames


def _onsets(channel: Samples, sample_rate: float) -> Flux:
    """How much louder the bins grow, on a logarithmic scale, around each hop; mean taken away."""
    wave = resample(channel, sample_rate, _RATE)[0]
    padded = np.pad(wave, _WINDOW // 2)
    hops = len(wave) // _HOP
    top = float(np.abs(wave).max(initial=0.0)) * _WINDOW / 4  # of a sine at that peak, through the window
    if hops <= 2 * _GAP or top <= 0.0:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW).astype(np.float32)
    flux = np.zeros(len(frames))
    for at in range(0, len(frames), _BLOCK):
        magnitudes = np.abs(np.fft.rfft(frames[at : at + _BLOCK + _GAP] * window, axis=1))
        loud = np.log1p(_COMPRESSION / top * magnitudes)
        growth = np.maximum(loud[_GAP:] - loud[:-_GAP], 0.0).sum(axis=1)
        flux[at : at + len(growth)] = growth
    return np.asarray(flux - flux.mean(), np.float64)


def _vertex(left: float, middle: float, right: float) -> float:
    """Where between the neighbours the parabola through three points peaks, -0.5 to 0.5."""
    bend = left - 2.0 * middle + right
    return 0.5 * (left - right) / bend if bend < 0.0 else 0.0
