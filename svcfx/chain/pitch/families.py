"""Every tracker on a whole take, with what the families of so-vits-svc do about level and length.

4.0 follows the rules of its fork. A tracker that upstream does not have (swift; fcpe in the fork) is read in
log f0 between its own hops. Frame k stands at sample k * hop.

Source: the published facts of so-vits-svc-fork and so-vits-svc 4.1.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_RATE, PitchName
from svcfx.chain.f0.gaps import picked, stretched
from svcfx.dsp.resample import resample

Track = NDArray[np.float64]
Wave = NDArray[np.float32]
Family = Literal["fork", "sovits41"]
LOUD_QUANTILE = 0.999
SHORTEST_SECONDS = 0.065
"""CREPE's window, and the three periods of 50 Hz that Praat looks at; what is shorter has no pitch."""


def family_track(audio: Wave, rate_hz: int, hop: int, name: PitchName, family: Family = "fork") -> Track:
    """f0 of a mono take (n,), n // hop values in Hz, 0 where unvoiced; all 0 for silence and clicks.

    Raises:
        MissingPartError: The package of the tracker is not installed.
    """
    frames = len(audio) // hop
    if len(audio) < SHORTEST_SECONDS * rate_hz or not _loud(audio):
        return np.zeros(frames)
    own = name in ("swift", "fcpe")
    wave = _levelled(audio) if own or family == "fork" else np.ascontiguousarray(audio, np.float32)
    if own:
        return _network(wave, rate_hz, hop, name, family)
    if name == "praat":
        from svcfx.chain.pitch.praat import praat_track

        return praat_track(wave, rate_hz, hop)
    if name == "dio" or name == "harvest":
        from svcfx.chain.pitch.world import world_track

        found = world_track(wave, rate_hz, hop, name)
        return stretched(np.round(found, 1) if name == "dio" or family == "fork" else found, frames)
    return _crepe(wave, rate_hz, hop, name, family)


def _crepe(wave: Wave, rate_hz: int, hop: int, name: PitchName, family: Family) -> Track:
    from svcfx.chain.pitch import crepe, crepe_path

    frames, capacity = len(wave) // hop, crepe.capacity_of(name)
    if family == "fork":
        return stretched(crepe_path.crepe_track(wave, rate_hz, hop, capacity), frames)
    return picked(crepe_path.crepe_voiced_track(wave, rate_hz, hop, capacity), frames)


def _network(wave: Wave, rate_hz: int, hop: int, name: PitchName, family: Family) -> Track:
    frames = len(wave) // hop
    heard = resample(wave[None], rate_hz, ANALYSIS_RATE)[0]
    samples = np.arange(frames, dtype=np.float64) * (hop * ANALYSIS_RATE / rate_hz)
    if name == "swift":
        from svcfx.chain.pitch import swift

        return swift.load().whole(heard, samples).f0_hz
    from svcfx.chain.pitch import fcpe

    return fcpe.load().whole(heard, samples).f0_hz


def _loud(audio: Wave) -> float:
    return float(np.quantile(np.abs(audio), LOUD_QUANTILE))


def _levelled(audio: Wave) -> Wave:
    """The take with its loud samples at full scale: then its level does not matter."""
    return (audio / np.float32(_loud(audio))).astype(np.float32)
