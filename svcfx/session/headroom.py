"""Room above what a voice sang: as loud as its source, it may have higher peaks than the source had."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from svcfx import scratch
from svcfx.audio import Encoding, Samples
from svcfx.dsp import levels
from svcfx.events import Note

HIGHEST_DBFS = -0.1


def fitted(samples: Samples, targets: Iterable[Path], encoding: Encoding) -> tuple[Samples, list[Note]]:
    """As `kept`, where one of the files would clip them."""
    return kept(samples) if clips(targets, encoding) else (samples, [])


def clips(targets: Iterable[Path], encoding: Encoding) -> bool:
    """Whether one of the files clips at full scale: float WAVs hold what exceeds it."""
    return encoding != "float" or any(target.suffix.lower() != ".wav" for target in targets)


def kept(samples: Samples) -> tuple[Samples, list[Note]]:
    """Samples (channels, frames), turned down as a whole if they exceed full scale, and by how much."""
    gain, notes = turned(levels.peak(samples))
    if not notes:
        return samples, notes
    return scratch.times(samples, gain), notes


def turned(peak: float) -> tuple[np.float32, list[Note]]:
    """The gain that takes a peak below full scale, and by how much; 1 for one that is there."""
    if peak <= 1.0:
        return np.float32(1.0), []
    down = 20.0 * np.log10(peak) - HIGHEST_DBFS
    said = f"turned down by {down:.1f} dB, or its peaks would exceed full scale"
    return np.float32(10.0 ** (-down / 20.0)), [Note("turned-down", said)]
