"""How loud a sung frame really is: a pitch reads the envelope at its own harmonics alone.

A pulse train of rate f0 has lines at k f0 of power 2 f0 / rate each, the power that white noise of variance 1
has between two of them (`synthesis.render`). Under a smooth envelope the sum over lines is therefore the
integral that `level.envelope_loudness` takes. It is not where lines are few: one line of a whistle at 1.8 kHz
may lie in a valley of the envelope or on a formant, 10 dB off either way.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.parametric import bands, synthesis
from svcfx.chain.parametric.level import Frames, band_weight
from svcfx.dsp.weighting import a_weight

LARGEST = 3.0
"""A departure is believed up to 26 dB, in natural-log amplitude: a lone line in the deepest valley."""
_STEP = float((bands.mel(bands.HIGH_HZ) - bands.mel(bands.LOW_HZ)) / (bands.BANDS - 1))
_FAINT = 1e-12


def departure(envelope: Frames, aperiodicity: Frames, f0_hz: NDArray[np.float64]) -> Frames:
    """How much louder than its envelope each frame is rendered, natural log of A-weighted amplitude.

    Args:
        envelope: Natural-log amplitude at the 80 bands, (T, 80).
        aperiodicity: Noise share 0 to 1 at six points, (T, 6).
        f0_hz: Pitch (T,); 0 is unvoiced.

    Returns:
        (T,), 0 where unvoiced, at most `LARGEST` either way. A frame's result depends on that frame alone.
    """
    result = np.zeros(len(f0_hz), np.float32)
    voiced = np.flatnonzero(f0_hz > 0.0)
    if not voiced.size:
        return result
    weighted = np.exp(2.0 * (envelope[voiced] + band_weight()))
    breath = synthesis.breath(bands.centres(), aperiodicity[voiced])
    noise = (weighted * breath**2).sum(1)
    made = noise + _lines(envelope[voiced], aperiodicity[voiced], f0_hz[voiced])
    result[voiced] = 0.5 * np.log(np.maximum(made, _FAINT) / np.maximum(weighted.sum(1), _FAINT))
    return np.clip(result, -LARGEST, LARGEST)


def _lines(envelope: Frames, aperiodicity: Frames, f0_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """A-weighted power (T,) of the harmonics below the topmost that is rendered."""
    top_hz = synthesis.TOP * synthesis.RATE
    count = int(top_hz / f0_hz.min())
    hz = f0_hz[:, None] * np.arange(1, count + 1)
    place = np.clip((bands.mel(hz) - bands.mel(bands.LOW_HZ)) / _STEP, 0.0, bands.BANDS - 1.0)
    left = np.minimum(place.astype(int), bands.BANDS - 2)
    low = np.take_along_axis(envelope, left, 1)
    level = low + (np.take_along_axis(envelope, left + 1, 1) - low) * (place - left)
    share = 1.0 - synthesis.breath(hz, aperiodicity) ** 2
    power = np.exp(2.0 * (level + a_weight(hz))) * share * (hz <= top_hz)
    return np.asarray(power.sum(1) * 2.0 * f0_hz / synthesis.RATE)
