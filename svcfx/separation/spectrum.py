"""Sound as a table of complex numbers over time and frequency, and back.

Source: the short-time Fourier transform and its least-squares inverse, Griffin & Lim, 1984.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from svcfx.audio import Samples

Spectrum = NDArray[np.complex64]
_TINY = 1e-8


def _window(fft: int) -> Samples:
    """Periodic Hann."""
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(fft) / fft), np.float32)


def forward(samples: Samples, fft: int, hop: int) -> Spectrum:
    """(channels, hop (T - 1)) -> (channels, fft / 2 + 1, T); frames are centred, the ends mirrored."""
    padded = np.pad(samples, ((0, 0), (fft // 2, fft // 2)), mode="reflect")
    frames = sliding_window_view(padded, fft, axis=1)[:, ::hop] * _window(fft)
    return np.asarray(np.fft.rfft(frames, axis=-1), np.complex64).transpose(0, 2, 1)


def backward(spectrum: Spectrum, fft: int, hop: int) -> Samples:
    """The inverse of `forward`; bins above those that are given count as 0."""
    window = _window(fft)
    frames = np.fft.irfft(spectrum.transpose(0, 2, 1), fft, axis=-1) * window
    channels, count = frames.shape[:2]
    total = np.zeros((channels, fft + hop * (count - 1)))
    weight = np.zeros(total.shape[1])
    for index in range(count):
        place = slice(index * hop, index * hop + fft)
        total[:, place] += frames[:, index]
        weight[place] += window**2
    inside = slice(fft // 2, total.shape[1] - fft // 2)
    return np.asarray(total[:, inside] / np.maximum(weight[inside], _TINY), np.float32)
