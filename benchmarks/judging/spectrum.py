"""Distances to the ground truth's spectrum: shape, liveliness and air."""

from dataclasses import dataclass
from functools import cache

import librosa
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Frames = NDArray[np.float64]
RATE, HOP, FFT, BANDS = 44100, 441, 2048, 80
AIR_HZ = 8000.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """A conversion beside its ground truth, over the frames that are spoken.

    `distance_db`: root mean square over 80 mel bands (50 Hz to 16 kHz) of the difference in dB, each frame's
    mean difference taken off, mean over frames. `variance_ratio`: variance over time of each band's level
    (less its frame's mean), conversion over ground truth, mean over bands; 1 is as lively, below is
    smoothed. `air_db`: energy above 8 kHz relative to all, conversion less ground truth.
    """

    distance_db: float
    variance_ratio: float
    air_db: float


def compare(conversion: Samples, truth: Samples, spoken: NDArray[np.bool_]) -> Likeness:
    """Likeness of audio at 44.1 kHz, both (frames,); `spoken` says which of the 10 ms frames count."""
    power, wanted = _power(conversion), _power(truth)
    count = min(len(power), len(wanted), len(spoken))
    kept = np.flatnonzero(spoken[:count])
    shape, ideal = _shape(power[kept]), _shape(wanted[kept])
    return Likeness(
        distance_db=float(np.mean(np.sqrt(np.mean((shape - ideal) ** 2, 1)))),
        variance_ratio=float(np.mean(shape.var(0) / ideal.var(0))),
        air_db=_air(power[kept]) - _air(wanted[kept]),
    )


def _power(audio: Samples) -> Frames:
    padded = np.pad(audio.astype(np.float64), FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    return np.asarray(np.abs(np.fft.rfft(windows * np.hanning(FFT), axis=1)) ** 2)


def _shape(power: Frames) -> Frames:
    level = 10.0 * np.log10(power @ _filters().T + 1e-9)
    return np.asarray(level - level.mean(1, keepdims=True))


def _air(power: Frames) -> float:
    top = int(AIR_HZ / RATE * FFT)
    return float(10.0 * np.log10(power[:, top:].sum() / power.sum()))


@cache
def _filters() -> Frames:
    return np.asarray(librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=BANDS, fmin=50.0, fmax=16000.0))
