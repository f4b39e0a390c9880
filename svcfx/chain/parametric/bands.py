"""The band axis of the parametric voice: 80 mel-spaced points from 60 Hz to 21 kHz.

An envelope is natural-log amplitude at these points, shape (frames, 80); aperiodicity is 0 to 1 at
six points. Everything here is a fixed linear map, so that warps compose as matrices.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp import weighting

Array = NDArray[np.float64]

BANDS = 80
LOW_HZ, HIGH_HZ = 60.0, 21000.0
APERIODICITY_HZ = (500.0, 1500.0, 2500.0, 3500.0, 5000.0, 7000.0)


def mel(hz: Array | float) -> Array:
    """Mel of a frequency in Hz (HTK formula)."""
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0))


def hertz(mels: Array | float) -> Array:
    """Frequency in Hz of a mel value; the inverse of `mel`."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mels) / 2595.0) - 1.0))


@cache
def centres() -> Array:
    """Band centres in Hz, shape (80,), rising."""
    values = hertz(np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BANDS))
    values.setflags(write=False)
    return values


@cache
def widths() -> Array:
    """Width in Hz that each band stands for, shape (80,)."""
    return np.asarray(np.gradient(centres()))


def interpolation(target_hz: Array) -> Array:
    """Matrix (targets, 80) reading a band curve at any frequency, linear in mel, held at the ends."""
    place = (
        (mel(np.asarray(target_hz, np.float64)) - mel(LOW_HZ)) / (mel(HIGH_HZ) - mel(LOW_HZ)) * (BANDS - 1)
    )
    place = np.clip(place, 0.0, BANDS - 1.0)
    left = np.minimum(place.astype(int), BANDS - 2)
    part = place - left
    matrix = np.zeros((len(place), BANDS))
    rows = np.arange(len(place))
    matrix[rows, left] = 1.0 - part
    matrix[rows, left + 1] += part
    return matrix


def warp(factor: Array | float) -> Array:
    """Matrix (80, 80) that moves formants by `factor` (above 1 is up), one factor or one per band."""
    return interpolation(centres() / np.broadcast_to(np.asarray(factor, np.float64), (BANDS,)))


def smoothing(width: int) -> Array:
    """Matrix (80, 80) of a Hann average over about `width` bands, rows summing to 1."""
    distance = np.abs(np.subtract.outer(np.arange(BANDS), np.arange(BANDS)))
    weight = np.where(distance < width, 0.5 + 0.5 * np.cos(np.pi * distance / width), 0.0)
    return np.asarray(weight / weight.sum(1, keepdims=True))


def smoothed(envelope: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Envelopes (frames, 80) through `smoothing`, added up band by band: a frame has the same bytes among any
    others, which a product of matrices does not promise."""
    total, share = np.zeros_like(envelope), np.zeros(BANDS, np.float32)
    for distance in range(1 - width, width):
        weight = np.float32(0.5 + 0.5 * np.cos(np.pi * distance / width))
        first, last = max(-distance, 0), BANDS - max(distance, 0)
        total[:, first:last] += weight * envelope[:, first + distance : last + distance]
        share[first:last] += weight
    return total / share


def sharpening(amount: float, width: int = 7) -> Array:
    """Matrix (80, 80): unsharp mask over the bands; 1 leaves the envelope as it is."""
    return np.asarray(np.eye(BANDS) + (amount - 1.0) * (np.eye(BANDS) - smoothing(width)))


def tilt(db_per_octave: float) -> Array:
    """Natural-log bias (80,) of a straight tilt about 1 kHz, flat below 150 Hz and above 10 kHz."""
    octaves = np.log2(np.clip(centres(), 150.0, 10000.0) / 1000.0)
    return np.asarray(db_per_octave * octaves * np.log(10.0) / 20.0)


def shift_formants(envelope: NDArray[np.float32], semitones: Array | float) -> NDArray[np.float32]:
    """Move the envelope (frames, 80) by `semitones`, one value or one per frame; pitch is untouched."""
    moved = np.broadcast_to(np.asarray(semitones, np.float64), (len(envelope),))
    if not np.any(moved):
        return envelope
    step = (mel(HIGH_HZ) - mel(LOW_HZ)) / (BANDS - 1)
    read_hz = centres()[None, :] * 2.0 ** (-moved[:, None] / 12.0)
    place = np.clip((mel(read_hz) - mel(LOW_HZ)) / step, 0.0, BANDS - 1.0)
    left = np.minimum(place.astype(int), BANDS - 2)
    part = (place - left).astype(np.float32)
    low = np.take_along_axis(envelope, left, axis=1)
    high = np.take_along_axis(envelope, left + 1, axis=1)
    return np.asarray(low + (high - low) * part, np.float32)


@cache
def a_weight() -> Array:
    """A-weighting in natural-log amplitude at the band centres, shape (80,), 0 at 1 kHz. IEC 61672-1."""
    return weighting.a_weight(centres())
