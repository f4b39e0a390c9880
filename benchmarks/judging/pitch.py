"""The judges of pitch: the default tracker on both sides, and Praat's autocorrelation as a second opinion.

Source of the second: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import parselmouth
from numpy.typing import NDArray
from swift_f0 import SwiftF0

Samples = NDArray[np.float32]
Track = NDArray[np.float64]
FRAME_S = 0.01
LOW_HZ, HIGH_HZ = 47.0, 1100.0


@cache
def _tracker() -> SwiftF0:
    return SwiftF0(threads=1, spin=False)


def swift(audio: Samples, rate: int) -> Track:
    """Pitch in Hz at k * 10 ms of audio (frames,), 0 where unvoiced; log pitch straight between frames."""
    found = _tracker().detect(audio, rate, fmin=LOW_HZ, fmax=HIGH_HZ)
    times = np.arange(len(audio) / rate // FRAME_S) * FRAME_S
    voiced = found.confidence >= 0.5
    if not voiced.any():
        return np.zeros(len(times))
    log_hz = np.interp(times, found.timestamps[voiced], np.log(found.pitch_hz[voiced]))
    nearest = np.clip(np.searchsorted(found.timestamps, times), 1, len(voiced) - 1)
    before = times - found.timestamps[nearest - 1] < found.timestamps[nearest] - times
    return np.where(voiced[nearest - before], np.exp(log_hz), 0.0)


def praat(audio: Samples, rate: int) -> Track:
    """The same by Praat, which shares nothing with the voice."""
    sound = parselmouth.Sound(audio.astype(np.float64), rate)
    found = sound.to_pitch_ac(FRAME_S, LOW_HZ, pitch_ceiling=HIGH_HZ)
    hz = found.selected_array["frequency"]
    times = np.arange(len(audio) / rate // FRAME_S) * FRAME_S
    nearest = np.clip(np.round((times - found.xs()[0]) / FRAME_S).astype(int), 0, len(hz) - 1)
    return np.asarray(hz[nearest])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a conversion's pitch follows its source's, in frames where both are voiced.

    `cents` is the median absolute error; `r` the correlation of log pitch; `voicing` the share of frames
    that both call voiced or both unvoiced; `gross` the share more than half a semitone off.
    """

    cents: float
    r: float
    voicing: float
    gross: float


def compare(source: Track, conversion: Track, semitones: float) -> Agreement:
    """Agreement of two tracks of equal length."""
    both = (source > 0) & (conversion > 0)
    wanted, found = np.log2(source[both]) + semitones / 12.0, np.log2(conversion[both])
    error = np.abs(1200.0 * (found - wanted))
    return Agreement(
        cents=float(np.median(error)),
        r=float(np.corrcoef(wanted, found)[0, 1]),
        voicing=float(np.mean((source > 0) == (conversion > 0))),
        gross=float(np.mean(error > 50.0)),
    )
