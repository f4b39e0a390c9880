"""Log-mel analysis at 16 kHz, 100 frames a second: what the parametric voice hears.

A band's value is the natural log of the amplitude whose power per Hz the band holds, so that it is on
the scale of the voice's own envelopes; full scale in one band is far above 0, digital silence is FLOOR.
"""

from functools import cache

import numpy as np
import torch

RATE = 16000
HOP = 160
WINDOW = 640
BANDS = 80
LOW_HZ, HIGH_HZ = 40.0, 7900.0
FLOOR = float(np.log(1e-7))
"""Natural-log amplitude per root Hz that nothing goes below: -140 dB."""


def frames_in(samples: int) -> int:
    """How many frames `log_mel` makes of a buffer."""
    return max(0, 1 + (samples - WINDOW) // HOP)


def log_mel(audio16k: torch.Tensor) -> torch.Tensor:
    """Log-mel of audio at 16 kHz, (B, samples) -> (B, 80, frames), float32.

    Nothing is padded: frame k is centred at sample 320 + 160 * k of the buffer and looks 320 samples to
    each side, so the caller brings real context or zeros. A frame depends on its 640 samples alone.
    """
    if audio16k.shape[-1] < WINDOW:
        return audio16k.new_zeros((audio16k.shape[0], BANDS, 0))
    windows = audio16k.to(torch.float32).unfold(-1, WINDOW, HOP) * _window()
    power = torch.fft.rfft(windows, dim=-1).abs().square()
    density = power @ _filters()
    return (0.5 * torch.log(density.clamp_min(float(np.exp(2 * FLOOR))))).transpose(1, 2)


@cache
def centres() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Band centres in Hz, shape (80,)."""
    return _hertz(np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2))[1:-1]


@cache
def widths() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Width in Hz that each band stands for, shape (80,)."""
    edges = _hertz(np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2))
    return np.asarray(0.5 * (edges[2:] - edges[:-2]))


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _hertz(
    mels: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(700.0 * (10.0 ** (mels / 2595.0) - 1.0))


@cache
def _window() -> torch.Tensor:
    return torch.hann_window(WINDOW, periodic=True, dtype=torch.float32)


@cache
def _filters() -> torch.Tensor:
    """(321, 80): triangles that average the one-sided power spectrum into power per Hz."""
    bins = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    edges = _hertz(np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    reach = np.maximum(0.0, RATE / WINDOW - 0.5 * (high - low))  # narrow bands borrow from next bins
    rise = (bins[:, None] - low + reach) / (middle - low + reach)
    fall = (high + reach - bins[:, None]) / (high + reach - middle)
    weight = np.maximum(0.0, np.minimum(rise, fall))
    weight /= weight.sum(0, keepdims=True)
    energy = float(np.sum(np.hanning(WINDOW + 1)[:-1] ** 2))
    return torch.from_numpy((weight * 2.0 / (energy * RATE)).astype(np.float32))
