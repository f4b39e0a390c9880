"""Decibels, gains and the pan law: what a fader and a pan knob mean in samples.

Amplitudes are relative to full scale 1.0. Silence is -inf dB, never a made-up floor.
"""

import math

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import AudioShapeError, ParamError


def gain_from_db(db: float) -> float:
    """Factor of a gain in dB; -inf is 0."""
    return 0.0 if db == -math.inf else float(10.0 ** (db / 20.0))


def db_from_gain(gain: float) -> float:
    """Gain in dB of a factor from 0; 0 is -inf."""
    return -math.inf if gain <= 0 else 20.0 * math.log10(gain)


def peak_dbfs(samples: Samples) -> float:
    """Largest sample of (channels, frames), in dB of full scale; -inf for silence or no frames."""
    return db_from_gain(float(max(samples.max(), -samples.min()))) if samples.size else -math.inf


def rms_dbfs(samples: Samples) -> float:
    """Root mean square over all channels and frames, in dB of full scale (a full square wave is 0)."""
    if not samples.size:
        return -math.inf
    power = float(np.einsum("cf,cf->", samples, samples, dtype=np.float64)) / samples.size
    return db_from_gain(math.sqrt(power))


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of a constant-power pan, -1 left to 1 right: -3 dB each in the centre.

    `left**2 + right**2` is 1 everywhere, so a mono source keeps its power as it moves.

    Raises:
        ParamError: `pan` is outside -1 to 1 or not finite.
    """
    angle = (_checked(pan) + 1.0) * math.pi / 4.0
    # cos(pi/2) is 6e-17: a source panned hard must be silent on the far side.
    return (0.0, 1.0) if pan == 1 else (math.cos(angle), math.sin(angle))


def balance_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of a balance knob, -1 left to 1 right: unity in the centre, the far side fades.

    For stereo sources: in the centre the signal is untouched, bit for bit; nothing is ever made louder.

    Raises:
        ParamError: `pan` is outside -1 to 1 or not finite.
    """
    left, right = pan_gains(pan)
    return min(1.0, left * math.sqrt(2.0)), min(1.0, right * math.sqrt(2.0))


def panned(samples: Samples, pan: float) -> Samples:
    """Place (1 or 2, frames) between two loudspeakers: shape (2, frames).

    One channel is panned at constant power, two are balanced.

    Raises:
        AudioShapeError: More than two channels.
        ParamError: `pan` is outside -1 to 1.
    """
    if samples.shape[0] not in (1, 2):
        raise AudioShapeError(f"pan takes 1 or 2 channels, got {samples.shape[0]}")
    gains = pan_gains(pan) if samples.shape[0] == 1 else balance_gains(pan)
    return np.asarray(samples * np.array(gains, np.float32)[:, None], np.float32)


def _checked(pan: float) -> float:
    if not -1.0 <= pan <= 1.0:
        raise ParamError(f"pan is {pan:g}, outside -1 (left) to 1 (right)")
    return pan
