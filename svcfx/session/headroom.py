"""Room above what a voice sang: as loud as its source, it may have higher peaks than the source had."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from svcfx.audio import Encoding, Samples
from svcfx.dsp import levels
from svcfx.events import Note

HIGHEST_DBFS = -0.1


def fitted(samples: Samples, targets: Iterable[Path], encoding: Encoding) -> tuple[Samples, list[Note]]:
    """As `kept`, where one of the files would clip them: float WAVs hold what exceeds full scale."""
    if encoding == "float" and all(target.suffix.lower() == ".wav" for target in targets):
        return samples, []
    return kept(samples)


def kept(samples: Samples) -> tuple[Samples, list[Note]]:
    """Samples (channels, frames), turned down as a whole if they exceed full scale, and by how much."""
    peak = levels.peak(samples)
    if peak <= 1.0:
        return samples, []
    down = 20.0 * np.log10(peak) - HIGHEST_DBFS
    said = f"turned down by {down:.1f} dB, or its peaks would exceed full scale"
    return np.asarray(samples * np.float32(10.0 ** (-down / 20.0)), np.float32), [Note("turned-down", said)]
