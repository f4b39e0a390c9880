"""Praat's autocorrelation pitch through parselmouth, as the so-vits-svc families call it.

Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency", 1993.
"""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import Pitch, Values
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
    found = np.asarray(_analysed(audio, rate_hz, hop).selected_array["frequency"], np.float64)
    frames = len(audio) // hop
    before = max(0, (frames - len(found) + 1) // 2)
    return np.pad(found, (before, max(0, frames - len(found) - before)))[:frames]


def praat_whole(audio16k: NDArray[np.float32], samples: Values) -> Pitch:
    """Pitch (T,) of a take (n,) at places (T,), in samples of 16 kHz, each frame where Praat says it is."""
    found = _analysed(audio16k, ANALYSIS_RATE, ANALYSIS_HOP)
    hz = np.asarray(found.selected_array["frequency"], np.float64)
    first = float(found.xs()[0]) * ANALYSIS_RATE
    return between(np.log(np.maximum(hz, 1.0)), (hz > 0).astype(np.float64), (samples - first) / ANALYSIS_HOP)


def _analysed(audio: NDArray[np.float32], rate_hz: int, hop: int) -> Any:
    return (
        _parselmouth()
        .Sound(np.asarray(audio, np.float64), rate_hz)
        .to_pitch_ac(
            time_step=hop / rate_hz,
            voicing_threshold=_VOICED_FROM,
            pitch_floor=LOWEST_HZ,
            pitch_ceiling=HIGHEST_HZ,
        )
    )


def _parselmouth() -> ModuleType:
    try:
        import parselmouth
    except ImportError as cause:
        hint = "Install svcfx[pitch], or choose another pitch tracker."
        raise MissingPartError("pitch praat needs praat-parselmouth", hint=hint) from cause
    found: ModuleType = parselmouth
    return found
