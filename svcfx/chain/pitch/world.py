"""DIO and Harvest, as the so-vits-svc families call them; the door to pyworld.

Source: M. Morise et al., DIO 2009, Harvest 2017; the published facts of so-vits-svc.
"""

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import Pitch, Values
from svcfx.errors import MissingPartError

Track = NDArray[np.float64]
Method = Literal["dio", "harvest"]
LOWEST_HZ, HIGHEST_HZ = 50.0, 1100.0


def world_track(audio: NDArray[np.float32], rate_hz: int, hop: int, method: Method) -> Track:
    """f0 of a mono take (n,), one value each `hop` samples from sample 0 on, 0 where unvoiced.

    Raises:
        MissingPartError: pyworld is not installed.
    """
    world = _required()
    wave = np.ascontiguousarray(audio, np.float64)
    bounds = {"f0_floor": LOWEST_HZ, "f0_ceil": HIGHEST_HZ, "frame_period": 1000.0 * hop / rate_hz}
    rough, seconds = getattr(world, method)(wave, rate_hz, **bounds)
    return np.asarray(world.stonemask(wave, rough, seconds, rate_hz), np.float64)


def world_whole(method: Method) -> Callable[[NDArray[np.float32], Values], Pitch]:
    """The method on a take (n,) at 16 kHz, at places (T,) in its samples."""
    _required()

    def whole(audio16k: NDArray[np.float32], samples: Values) -> Pitch:
        hz = world_track(audio16k, ANALYSIS_RATE, ANALYSIS_HOP, method)
        return between(np.log(np.maximum(hz, 1.0)), (hz > 0).astype(np.float64), samples / ANALYSIS_HOP)

    return whole


def library() -> ModuleType:
    """pyworld; raises `ImportError` when it is not installed."""
    with warnings.catch_warnings():  # its version look-up warns about setuptools on every import
        warnings.simplefilter("ignore", UserWarning)
        import pyworld
    found: ModuleType = pyworld
    return found


def _required() -> ModuleType:
    try:
        return library()
    except ImportError as cause:
        hint = "Install svcfx[pitch], or choose another pitch tracker."
        raise MissingPartError("pitch dio and harvest need pyworld", hint=hint) from cause
