"""DIO and Harvest through pyworld, as the so-vits-svc families call them.

Source: M. Morise et al., DIO 2009, Harvest 2017; the published facts of so-vits-svc.
"""

import warnings
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import MissingPartError

Track = NDArray[np.float64]
LOWEST_HZ, HIGHEST_HZ = 50.0, 1100.0


def world_track(
    audio: NDArray[np.float32], rate_hz: int, hop: int, method: Literal["dio", "harvest"]
) -> Track:
    """f0 of a mono take (n,), one value each `hop` samples, 0 where unvoiced, rounded to 0.1 Hz.

    Raises:
        MissingPartError: pyworld is not installed.
    """
    world = _pyworld()
    wave = np.ascontiguousarray(audio, np.float64)
    bounds = {"f0_floor": LOWEST_HZ, "f0_ceil": HIGHEST_HZ, "frame_period": 1000.0 * hop / rate_hz}
    rough, seconds = getattr(world, method)(wave, rate_hz, **bounds)
    return np.asarray(np.round(world.stonemask(wave, rough, seconds, rate_hz), 1), np.float64)


def _pyworld() -> ModuleType:
    try:
        with warnings.catch_warnings():  # its version look-up warns about setuptools on every import
            warnings.simplefilter("ignore", UserWarning)
            import pyworld
    except ImportError as cause:
        hint = "Install svcfx[pitch], or choose another pitch method."
        raise MissingPartError("pitch methods dio and harvest need pyworld", hint=hint) from cause
    found: ModuleType = pyworld
    return found
