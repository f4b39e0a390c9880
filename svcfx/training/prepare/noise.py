"""How far a voice stands above the noise of its room and its microphone.

In every band of the spectrum there are moments without the voice: pauses, and notes whose harmonics lie
elsewhere. What is left then is the noise. So a tenth of the moments is taken in each bin, and of neighbouring
bins a low one, which no harmonic fills.

Source: minimum statistics, R. Martin, IEEE Trans. Speech and Audio Processing 9(5), 2001; the tenth of an
exponential distribution, which the power of noise has in a bin, is -ln(0.9) of its mean.
"""

import math

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

FFT, HOP = 4096, 2048
LOWEST_HZ, HIGHEST_HZ = 60.0, 16_000.0
HIGHEST_DB = 80.0
"""More is not told apart from digital silence."""
_QUANTILE = 0.1
_NEIGHBOURS, _LOW = 24, 0.25
_SILENT_POWER = 1e-11

Values = NDArray[np.float64]


def snr_db(mono: Samples, sample_rate: int) -> float:
    """Signal to noise ratio of (n,) samples in dB, at most 80; measured within 1.5 dB from 0 to 40 dB."""
    power = _spectra(mono, sample_rate)
    loud = power.sum(1)
    power = power[loud > _SILENT_POWER * FFT]
    if len(power) < 2:
        return HIGHEST_DB
    quiet = np.quantile(power, _QUANTILE, axis=0) / -math.log(1.0 - _QUANTILE)
    noise = float(_between_harmonics(quiet).sum())
    total = power.sum(1)
    signal = float(total[total >= np.median(total)].mean()) - noise
    if noise <= 0.0:
        return HIGHEST_DB
    return min(10.0 * math.log10(max(signal / noise, 1e-1)), HIGHEST_DB)


def _spectra(mono: Samples, sample_rate: int) -> Values:
    """Power (frames, bins) between the lowest and the highest frequency."""
    padded = np.pad(mono, (0, max(FFT - len(mono), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    low, high = (round(hz * FFT / sample_rate) for hz in (LOWEST_HZ, HIGHEST_HZ))
    window = np.hanning(FFT) / math.sqrt(FFT)
    return np.stack([np.abs(np.fft.rfft(frame * window)[low:high]) ** 2 for frame in frames])


def _between_harmonics(quiet: Values) -> Values:
    """A low value among each bin's neighbours, (bins,)."""
    sides = np.pad(quiet, _NEIGHBOURS // 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(sides, _NEIGHBOURS + 1)
    return np.asarray(np.quantile(around, _LOW, axis=1))
