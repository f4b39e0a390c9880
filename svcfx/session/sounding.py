"""What a file of a song sounds like, before anybody says what it is: its level, and whether it is sung.

A voice is heard by its pitch. One note sounds at a time, most of what is loud has one, not as low as a bass,
and it wanders while a note is held. Measured, the upper quartile of what it goes within a tenth of a second:
14 and 24 cents for the demo's lead and backing, 6 for its band, 2 for plucked strings, 1 for steady tones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx import audio
from svcfx.audio import Audio, AudioInfo, Samples
from svcfx.dsp.levels import peak_dbfs
from svcfx.dsp.periodicity import UNSUNG_BELOW, pitched_share
from svcfx.dsp.polyphony import POLYPHONIC_FROM, polyphonic_share

SILENT_DBFS = -80.0
"""A file that peaks below is silence."""
LOWEST_HZ, HIGHEST_HZ = 75.0, 1100.0
"""Where the middle of a melody that is sung lies."""
WANDERS_CENTS = 10.0
_LISTENED_SECONDS = 20
_LAG, _ONE_NOTE = 10, 0.8
"""Frames of 10 ms, and semitones: so far apart two frames are of one note."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What was measured; pitch and shares are those of the loudest 20 seconds, 0 where nobody listened.

    `pitched` is the share of loud frames with a pitch, `several` that with more notes than one, `middle_hz`
    the median pitch, `wander_cents` the upper quartile of how far it goes in a tenth of a second of one note.
    """

    info: AudioInfo
    peak_dbfs: float
    pitched: float = 0.0
    several: float = 0.0
    middle_hz: float = 0.0
    wander_cents: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.info.seconds

    @property
    def is_silent(self) -> bool:
        """Whether nothing is on it."""
        return self.peak_dbfs < SILENT_DBFS

    @property
    def is_sung(self) -> bool:
        """Whether it sounds like one voice."""
        one = self.pitched >= UNSUNG_BELOW and self.several < POLYPHONIC_FROM
        return one and LOWEST_HZ <= self.middle_hz <= HIGHEST_HZ and self.wander_cents >= WANDERS_CENTS


def of(path: Path, *, listen: bool) -> Sounding:
    """Measure a file, in memory that does not grow with it; its pitch only where that is asked for.

    Raises:
        AudioFileError: It is missing, damaged, or no audio.
    """
    info = audio.probe(path)
    loudest, peak, power = np.zeros((1, 0), np.float32), -np.inf, 0.0
    for block in _blocks(path, info):
        peak = max(peak, peak_dbfs(block.samples))
        here = float(np.square(block.samples, dtype=np.float64).sum())
        if here > power:
            loudest, power = block.samples, here
    found = Sounding(info, peak)
    return _listened(found, loudest) if listen and not found.is_silent else found


def _blocks(path: Path, info: AudioInfo) -> Iterator[Audio]:
    return audio.blocks(path, _LISTENED_SECONDS * info.sample_rate)


def _listened(found: Sounding, samples: Samples) -> Sounding:
    rate = found.info.sample_rate
    pitched, several = pitched_share(samples, rate), polyphonic_share(samples, rate)
    if pitched < UNSUNG_BELOW or several >= POLYPHONIC_FROM:
        return Sounding(found.info, found.peak_dbfs, pitched, several)
    from svcfx.chain.analysis import analyse  # here: it loads torch

    mono = np.ascontiguousarray(samples.mean(axis=0))
    heard = analyse(mono, rate).sure()
    middle, wander = _line(heard.f0_hz, heard.voiced)
    return Sounding(found.info, found.peak_dbfs, pitched, several, middle, wander)


def _line(f0_hz: NDArray[np.float64], voiced: NDArray[np.bool_]) -> tuple[float, float]:
    """Median pitch in Hz, and the upper quartile of cents between two frames a tenth of a second apart."""
    if not voiced.any():
        return 0.0, 0.0
    notes = np.where(voiced, 12.0 * np.log2(np.where(voiced, f0_hz, 1.0)), np.nan)
    apart = np.abs(notes[_LAG:] - notes[:-_LAG])
    within = apart[apart < _ONE_NOTE]
    return float(np.median(f0_hz[voiced])), float(100.0 * np.percentile(within, 75.0)) if within.size else 0.0
