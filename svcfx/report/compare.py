"""Two recordings beside each other: loudness, spectrum and pitch, over what both have."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from svcfx import audio
from svcfx.audio import Audio, Samples
from svcfx.dsp import loudness
from svcfx.dsp.gated import GatedLoudness
from svcfx.dsp.loudness import Levels
from svcfx.dsp.resample import resample
from svcfx.report import intonation, null
from svcfx.report.intonation import Intonation
from svcfx.report.null import Null
from svcfx.report.subject import Sung, sung

Array = NDArray[np.float64]
LEAST_AGREEMENT = 0.3
"""Correlation below which two recordings are strangers, and where they agree best says nothing."""
_SEGMENT = 1 << 13
_FLOOR_DB = -150.0


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One of the two, over what both have.

    Attributes:
        levels: Loudness, range and true peak.
        octaves_dbfs: Root mean square in each octave, by its middle in Hz.
        hz, spectrum_db: Power density in dB, shape (n,) each.
        momentary_lufs: Loudness each 0.1 s.
        line: Pitch.
    """

    levels: Levels
    octaves_dbfs: dict[float, float]
    hz: Array
    spectrum_db: Array
    momentary_lufs: Array
    line: Sung


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What two recordings have in common.

    Attributes:
        agreement: Correlation of their waveforms where it is greatest, from 0 to 1.
        offset_samples: By how much the second comes later; 0 where they agree too little to say.
        seconds: How long both sound.
        pitch: How the second's pitch stands to the first's moved by the median between them.
        null: What is left when one is taken from the other; None where they agree too little.
    """

    first: Compared
    second: Compared
    sample_rate: int
    agreement: float
    offset_samples: int
    seconds: float
    pitch: Intonation
    null: Null | None


def of_files(first: Path, second: Path) -> Comparison:
    """Compare two files; the second is brought to the first's rate, and both to mono if only one is.

    Raises:
        InputError: One is silent.
        AudioFileError: One cannot be read.
    """
    one, other = audio.read(first), audio.read(second)
    for path, sound in ((first, one), (second, other)):
        null.refuse_silence(path, sound)
    return of(one.samples, resample(other.samples, other.sample_rate, one.sample_rate), one.sample_rate)


def of(first: Samples, second: Samples, sample_rate: int) -> Comparison:
    """Compare two recordings, (channels, frames) each, of one rate; neither may be silent."""
    if len(first) != len(second):
        first, second = (part.mean(axis=0, keepdims=True) for part in (first, second))
    found = null.of(first, second, sample_rate)
    left = 10.0 ** (-found.depth_db / 10.0)  # of the first's power; the rest is what both share
    agreement = float(np.sqrt(max(1.0 - left, 0.0)))
    are_kin = agreement >= LEAST_AGREEMENT
    offset = found.offset_samples if are_kin else 0
    pair = null.common(first, second, offset)
    one, other = (_recording(part, sample_rate) for part in pair)
    before, after = one.line.notes, other.line.notes
    moved = intonation.moved(before, after) or 0.0
    pitch = intonation.measure(before, after, np.full(len(before), moved / 100.0))
    seconds = pair[0].shape[1] / sample_rate
    return Comparison(one, other, sample_rate, agreement, offset, seconds, pitch, found if are_kin else None)


def _recording(samples: Samples, sample_rate: int) -> Compared:
    meter = GatedLoudness(sample_rate, len(samples))
    meter.push(samples)
    segment = min(_SEGMENT, samples.shape[1])
    hz, density = signal.welch(samples.astype(np.float64), sample_rate, nperseg=segment, detrend=False)
    power = density.mean(axis=0)
    step = sample_rate / segment
    return Compared(
        Levels(meter.lufs, meter.range_lu, loudness.true_peak_dbtp(samples, sample_rate)),
        {
            middle: null.dbfs(float(power[inside].sum() * step))
            for middle, inside in null.octaves(hz, sample_rate)
        },
        hz,
        10.0 * np.log10(np.maximum(power, 10.0 ** (_FLOOR_DB / 10.0))),
        meter.momentary_lufs,
        sung(Audio(samples, sample_rate)),
    )
