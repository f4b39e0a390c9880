"""Distances to the ground truth's spectrum: shape, liveliness and air."""

from dataclasses import dataclass
from functools import cache

import librosa
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Frames = NDArray[np.float32]
RATE, HOP, FFT, BANDS = 44100, 441, 2048, 80
AIR_HZ = 8000.0
_CHUNK = 200


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Of frames T: dB of 80 mel bands, 50 Hz to 16 kHz, less each frame's mean (T, 80), and the air.

    `air_db` is the share of all energy that lies above 8 kHz.
    """

    shape: Frames
    air_db: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """A conversion beside its ground truth, over the frames that are spoken.

    `distance_db`: root mean square over the bands of the difference, mean over frames. `variance_ratio`:
    variance over time of each band, conversion over ground truth, mean over bands; 1 is as lively, below
    is smoothed. `air_db`: the share of energy above 8 kHz, conversion less ground truth.
    """

    distance_db: float
    variance_ratio: float
    air_db: float


def measure(audio: Samples, spoken: NDArray[np.bool_]) -> Spectrum:
    """Spectrum of audio at 44.1 kHz, (frames,), in those of its 10 ms frames that `spoken` names."""
    padded = np.pad(audio, FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][: len(spoken)]
    wanted = np.flatnonzero(spoken)
    top, power, mels = int(AIR_HZ / RATE * FFT), np.zeros(2), []
    for first in range(0, len(wanted), _CHUNK):
        part = windows[wanted[first : first + _CHUNK]] * np.hanning(FFT).astype(np.float32)
        squared = np.abs(np.fft.rfft(part, axis=1)) ** 2
        power += squared[:, top:].sum(), squared.sum()
        mels.append(10.0 * np.log10(squared @ _filters().T + 1e-9))
    level = np.concatenate(mels)
    shape = (level - level.mean(1, keepdims=True)).astype(np.float32)
    return Spectrum(shape, float(10.0 * np.log10(power[0] / power[1] + 1e-12)))


def compare(made: Spectrum, ideal: Spectrum) -> Likeness:
    """Likeness of two spectra of the same frames."""
    return Likeness(
        distance_db=float(np.mean(np.sqrt(np.mean((made.shape - ideal.shape) ** 2, 1)))),
        variance_ratio=float(np.mean(made.shape.var(0) / ideal.shape.var(0))),
        air_db=made.air_db - ideal.air_db,
    )


@cache
def _filters() -> Frames:
    return np.asarray(librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=BANDS, fmin=50.0, fmax=16000.0))
