"""The pitch methods of so-vits-svc-fork by its names, on a whole take.

Source: the published facts of so-vits-svc-fork.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.f0.gaps import stretched
from svcfx.chain.pitch.crepe_path import crepe_track
from svcfx.chain.pitch.praat import praat_track
from svcfx.chain.pitch.world import world_track
from svcfx.errors import ParamError, nearest

Track = NDArray[np.float64]
Method = Literal["dio", "harvest", "parselmouth", "crepe", "crepe-tiny"]
METHODS: tuple[Method, ...] = get_args(Method)
_LOUD_QUANTILE = 0.999


def check_method(name: str) -> Method:
    """Return `name` when it is a method's.

    Raises:
        ParamError: It is none; the nearest name is offered.
    """
    for method in METHODS:
        if name == method:
            return method
    raise ParamError(f"pitch method is '{name}'{nearest(name, METHODS)}; one of {', '.join(METHODS)}")


def family_track(audio: NDArray[np.float32], rate_hz: int, hop: int, method: Method) -> Track:
    """f0 of a mono take (n,), n // hop values in Hz, 0 where unvoiced; the take's level does not matter.

    Raises:
        MissingPartError: The package of the method is not installed.
    """
    frames = len(audio) // hop
    loud = np.quantile(np.abs(audio), _LOUD_QUANTILE) if len(audio) else 0.0
    if not loud or not frames:
        return np.zeros(frames)
    wave = (audio / np.float32(loud)).astype(np.float32)
    if method == "parselmouth":
        return praat_track(wave, rate_hz, hop)
    if method == "dio" or method == "harvest":
        return stretched(world_track(wave, rate_hz, hop, method), frames)
    return stretched(crepe_track(wave, rate_hz, hop, "full" if method == "crepe" else "tiny"), frames)
