"""Formants as distinct as the singer's own.

A decoder that learned by absolute errors answers doubt with the mean of what might be, and a mean of formants
that lie a little apart is one that is broad and low. Of what conversions lack in quality (DNSMOS P.808)
beside WORLD's resynthesis of their source, the source's own envelope in the place of the decoder's brings
back two thirds; its aperiodicity, pitch or level nothing. So the contrast along the bands is raised.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.parametric import bands, level

Frames = NDArray[np.float32]
AMOUNT = 1.5
"""At 1.8 quality rises further, and a low voice that sings has more words wrong."""
BROAD_BANDS = 7
"""What a formant stands out from is an average over so many."""
FULL_HZ, NONE_HZ = 250.0, 350.0
"""Higher notes have a harmonic or two a formant, which say nothing of its shape, and stay as they are."""


def sharpened(envelope: Frames, decoded: NDArray[np.float64], f0_hz: NDArray[np.float64]) -> Frames:
    """Envelopes whose formants stand out as the singer's own do.

    Args:
        envelope: Natural-log amplitude at the 80 bands, (T, 80), at loudness 0.
        decoded: How much of each frame is the decoder's, 0 to 1, (T,); the rest a refiner drew.
        f0_hz: Pitch (T,); 0 is unvoiced.

    Returns:
        (T, 80) at loudness 0. A frame's result depends on that frame alone.
    """
    share = decoded * np.clip((NONE_HZ - f0_hz) / (NONE_HZ - FULL_HZ), 0.0, 1.0)
    more = ((AMOUNT - 1.0) * share).astype(np.float32)[:, None]
    result = envelope + more * (envelope - bands.smoothed(envelope, BROAD_BANDS))
    return np.asarray(result - level.envelope_loudness(result)[:, None] * (share > 0.0)[:, None], np.float32)
