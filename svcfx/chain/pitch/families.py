"""Every tracker on a whole take, with what the families of so-vits-svc do about level and length.

4.0 follows the rules of its fork. A tracker that upstream does not have (swift; fcpe in the fork) is read in
log f0 between its own hops, in the middle of each frame, which is where the others stand on average: upstream
stretches dio, Harvest and CREPE from one frame too many, so they run from 0 to 1 frame ahead over a take.

Source: the published facts of so-vits-svc-fork and so-vits-svc 4.1.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_RATE, PitchName
from svcfx.chain.families import GapRule
from svcfx.chain.pitch import above, swift
from svcfx.chain.pitch.gaps import median3, picked, stretched
from svcfx.dsp.resample import resample

Track = NDArray[np.float64]
Wave = NDArray[np.float32]
LOUD_QUANTILE = 0.999
NETWORKS: tuple[PitchName, ...] = ("swift", "fcpe", "rmvpe")
"""Those that upstream does not have or hears by a network at 16 kHz, at the same level for all takes."""
SPARSE = 16
"""Samples from one that is looked at to the next: where those are sounds enough, the rest need no look."""
SHORTEST_SECONDS = 0.065
"""CREPE's window, and the three periods of 50 Hz that Praat looks at; what is shorter has no pitch."""


def family_track(
    audio: Wave,
    rate_hz: int,
    hop: int,
    name: PitchName,
    gaps: GapRule = "early",
    *,
    octave_repair: bool = True,
) -> Track:
    """f0 of a mono take (n,), n // hop values in Hz, 0 where unvoiced; all 0 for silence and clicks.

    Args:
        octave_repair: Hold the octave of what is sung above a tracker's ceiling.

    Raises:
        MissingPartError: The package of the tracker is not installed.
    """
    frames = len(audio) // hop
    loud = _loud(audio, name, gaps) if frames else 0.0
    if len(audio) < SHORTEST_SECONDS * rate_hz or not loud:
        return np.zeros(frames)
    inside = 0.0 if gaps == "open" else 0.5  # where in its frame a pitch is read
    samples = (np.arange(frames).astype(np.float64) + inside) * (hop * ANALYSIS_RATE / rate_hz)
    if name in NETWORKS:
        heard, loud = _at_16k(audio / np.float32(loud), rate_hz), 1.0
        found = _heard_by(name, heard, samples)
        if name != "fcpe" or not octave_repair:
            return found
    else:
        wave = audio / np.float32(loud) if gaps == "early" else audio
        found = _upstream(np.ascontiguousarray(wave, np.float32), rate_hz, hop, name, gaps)
        if not octave_repair:
            return found
        heard = _at_16k(audio, rate_hz)
    return above.octave_held(found, heard, samples, loud=loud, every=above.IN_A_TAKE)


def _at_16k(audio: Wave, rate_hz: int) -> Wave:
    audio = np.asarray(audio, np.float32)
    return audio if rate_hz == ANALYSIS_RATE else resample(audio[None], rate_hz, ANALYSIS_RATE)[0]


def _heard_by(name: PitchName, levelled16k: Wave, samples: Track) -> Track:
    """A network's f0 at places in a take at 16 kHz that stands at full scale."""
    if name == "swift":
        return swift.load().whole(levelled16k, samples).f0_hz
    if name == "fcpe":
        from svcfx.chain.pitch import fcpe

        return fcpe.load().whole(levelled16k, samples).f0_hz
    from svcfx.chain.pitch import rmvpe

    return rmvpe.load().whole(levelled16k, samples).f0_hz


def _loud(audio: Wave, name: PitchName, gaps: GapRule) -> float:
    """The level that a take is brought to full scale from; 0 for silence and clicks.

    A tracker that hears the take as it is needs no more than the order of it, which the peak gives at once.
    """
    if gaps == "open" and name not in NETWORKS:
        fewest = (1.0 - LOUD_QUANTILE) * len(audio)
        sounds = np.count_nonzero(audio[::SPARSE]) > fewest or np.count_nonzero(audio) > fewest
        return float(max(audio.max(), -audio.min())) if sounds else 0.0
    return float(np.quantile(np.abs(audio), LOUD_QUANTILE))


def _upstream(wave: Wave, rate_hz: int, hop: int, name: PitchName, gaps: GapRule) -> Track:
    """A tracker that upstream has, as it has it."""
    frames = len(wave) // hop
    if name == "praat":
        from svcfx.chain.pitch.praat import praat_track

        return praat_track(wave, rate_hz, hop)
    if name == "dio" or name == "harvest":
        from svcfx.chain.pitch.world import world_track

        found = world_track(wave, rate_hz, hop, name)
        if gaps == "open":
            return np.asarray(median3(found)[:frames] if name == "harvest" else found[:frames])
        return stretched(np.round(found, 1) if name == "dio" or gaps == "early" else found, frames)
    from svcfx.chain.pitch import crepe, crepe_path

    capacity = crepe.capacity_of(name)
    if gaps == "early":
        return stretched(crepe_path.crepe_track(wave, rate_hz, hop, capacity), frames)
    if gaps == "open":
        return crepe_path.crepe_voiced_track(wave, rate_hz, hop, capacity)[:frames]
    return picked(crepe_path.crepe_voiced_track(wave, rate_hz, hop, capacity), frames)
