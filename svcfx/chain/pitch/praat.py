"""Praat's autocorrelation pitch through parselmouth, as the so-vits-svc families call it.

Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency", 1993.
"""

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import MissingPartError

Track = NDArray[np.float64]
LOWEST_HZ, HIGHEST_HZ = 50.0, 1100.0
_VOICED_FROM = 0.6


def praat_track(audio: NDArray[np.float32], rate_hz: int, hop: int) -> Track:
    """f0 of a mono take (n,), n // hop values in Hz, 0 where unvoiced.

    Praat leaves out frames at both ends; zeros stand there, the odd one first.

    Raises:
        MissingPartError: parselmouth is not installed.
    """
    sound = _parselmouth().Sound(np.asarray(audio, np.float64), rate_hz)
    pitch = sound.to_pitch_ac(
        time_step=hop / rate_hz,
        voicing_threshold=_VOICED_FROM,
        pitch_floor=LOWEST_HZ,
        pitch_ceiling=HIGHEST_HZ,
    )
    found = np.asarray(pitch.selected_array["frequency"], np.float64)
    frames = len(audio) // hop
    before = max(0, (frames - len(found) + 1) // 2)
    return np.pad(found, (before, max(0, frames - len(found) - before)))[:frames]


def _parselmouth() -> ModuleType:
    try:
        import parselmouth
    except ImportError as cause:
        hint = "Install svcfx[pitch], or choose another pitch method."
        raise MissingPartError("pitch method parselmouth needs praat-parselmouth", hint=hint) from cause
    found: ModuleType = parselmouth
    return found
