"""From a tracker's own hops to the frames that are asked for, in log f0 between voiced neighbours."""

import numpy as np

from svcfx.chain.pitch.protocol import VOICED_FROM, Pitch, Values

NEAR = np.log(2.0) / 2.0
"""Neighbours further apart than half an octave are not drawn into one line."""


def between(log_hz: Values, confidence: Values, place: Values, voiced_from: float = VOICED_FROM) -> Pitch:
    """Pitch at places (T,), counted in hops from the first; beyond the ends the last hop holds.

    Args:
        log_hz: Natural log of Hz, (H,), whatever it is where nothing is voiced.
        confidence: (H,), 0 to 1.
        place: Where frames stand, need not be whole.
        voiced_from: Confidence from which on a hop or a frame counts as voiced.
    """
    place = np.clip(place, 0.0, len(log_hz) - 1.0)
    left = np.floor(place).astype(int)
    part = place - left
    right = np.minimum(left + 1, len(log_hz) - 1)
    sure = confidence[left] * (1.0 - part) + confidence[right] * part
    line = log_hz[left] * (1.0 - part) + log_hz[right] * part
    nearest = np.where(part < 0.5, log_hz[left], log_hz[right])
    both = (confidence[left] >= voiced_from) & (confidence[right] >= voiced_from)
    close = both & (np.abs(log_hz[left] - log_hz[right]) < NEAR)
    one = np.where(confidence[left] >= confidence[right], log_hz[left], log_hz[right])
    value = np.where(close, line, np.where(both, nearest, one))
    voiced = sure >= voiced_from
    return Pitch(np.where(voiced, np.exp(value), 0.0), sure, voiced)
