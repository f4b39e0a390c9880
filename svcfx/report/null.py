"""The null test: what is left of one recording when another is taken away from it.

The second is moved by whole samples to where both agree best, and brought to the level, and polarity, at
which least is left. What remains is the difference in sound, by octave.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from svcfx import audio
from svcfx.audio import Audio, Samples
from svcfx.dsp.levels import db_from_gain
from svcfx.errors import InputError

OCTAVES_HZ = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
"""Middles of the bands, IEC 61260; the first reaches down to 0 Hz."""
REACH_SECONDS = 10.0
"""How far apart the two may lie."""
_SEGMENT = 1 << 14
Powers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Band:
    """An octave around `middle_hz`: root mean square of the first recording and of what is left, dBFS."""

    middle_hz: float
    level_dbfs: float
    residual_dbfs: float


@dataclass(frozen=True, slots=True)
class Null:
    """What the test found.

    Attributes:
        offset_samples: By how much the second comes later; negative when it comes earlier.
        gain_db: What brings the second to the first. inverted: With its polarity turned over.
        level_dbfs, residual_dbfs: Root mean square of the first and of what is left, over what both have.
        seconds: How long that is. longer_samples: By how much the first is longer, negative if shorter.
    """

    offset_samples: int
    gain_db: float
    inverted: bool
    level_dbfs: float
    residual_dbfs: float
    seconds: float
    longer_samples: int
    bands: tuple[Band, ...]

    @property
    def depth_db(self) -> float:
        """How far what is left lies below the first: 0 where nothing cancels, infinite where all does."""
        return self.level_dbfs - self.residual_dbfs if self.residual_dbfs > -math.inf else math.inf


def of_files(first: Path, second: Path) -> Null:
    """The null test of two files.

    Raises:
        InputError: Their rates or channels differ, or one of them is silent.
        AudioFileError: One cannot be read.
    """
    one, other = audio.read(first), audio.read(second)
    _check(first, one, second, other)
    return of(one.samples, other.samples, one.sample_rate)


def of(first: Samples, second: Samples, sample_rate: int) -> Null:
    """The null test of two recordings, (channels, frames) each, of one rate; neither may be silent."""
    offset = offset_of(first, second, sample_rate)
    one, other = (part.astype(np.float64) for part in common(first, second, offset))
    energy = float(np.sum(other * other))
    gain = float(np.sum(one * other)) / energy if energy else 0.0
    left = one - gain * other
    return Null(
        offset,
        db_from_gain(abs(gain)),
        gain < 0,
        dbfs(float(np.mean(one**2))),
        dbfs(float(np.mean(left**2))),
        one.shape[1] / sample_rate,
        first.shape[1] - second.shape[1],
        _bands(one, left, sample_rate),
    )


def _check(first: Path, one: Audio, second: Path, other: Audio) -> None:
    if one.sample_rate != other.sample_rate:
        raise InputError(
            f"'{first}' has {one.sample_rate} Hz and '{second}' {other.sample_rate} Hz, it needs one",
            hint="resample one of them first",
        )
    channels = one.samples.shape[0], other.samples.shape[0]
    if channels[0] != channels[1]:
        raise InputError(
            f"'{first}' has {channels[0]} channels and '{second}' {channels[1]}, a null test needs the same"
        )
    for path, sound in ((first, one), (second, other)):
        refuse_silence(path, sound)


def refuse_silence(path: Path, sound: Audio) -> None:
    """Raise `InputError` where a file holds digital silence alone."""
    if not np.any(sound.samples):
        raise InputError(f"'{path}' is silent, there is nothing to compare")


def common(first: Samples, second: Samples, offset: int) -> tuple[Samples, Samples]:
    """What both have, of equal shape, when the second comes `offset` samples later than the first."""
    one, other = first[:, max(-offset, 0) :], second[:, max(offset, 0) :]
    frames = min(one.shape[1], other.shape[1])
    return one[:, :frames], other[:, :frames]


def offset_of(first: Samples, second: Samples, sample_rate: int) -> int:
    """By how many samples the second comes later where both agree best, at most `REACH_SECONDS` of them."""
    reach = int(REACH_SECONDS * sample_rate)
    agreement = sum(
        signal.correlate(b.astype(np.float64), a.astype(np.float64), "full", "fft")
        for a, b in zip(first, second, strict=True)
    )
    lags = signal.correlation_lags(second.shape[1], first.shape[1], "full")
    near = np.abs(lags) <= reach
    return int(lags[near][np.argmax(np.abs(agreement[near]))])


def octaves(hz: Powers, sample_rate: int) -> Iterator[tuple[float, NDArray[np.bool_]]]:
    """Each of `OCTAVES_HZ` that begins below half the rate, and which of the frequencies `hz` lie in it."""
    for middle in OCTAVES_HZ:
        low = 0.0 if middle == OCTAVES_HZ[0] else middle / math.sqrt(2.0)
        if low < sample_rate / 2:
            yield middle, (hz >= low) & (hz < middle * math.sqrt(2.0))


def _bands(one: Powers, left: Powers, sample_rate: int) -> tuple[Band, ...]:
    segment = min(_SEGMENT, one.shape[1])
    hz, level = signal.welch(one, sample_rate, nperseg=segment, detrend=False)
    _, residual = signal.welch(left, sample_rate, nperseg=segment, detrend=False)
    step = sample_rate / segment
    found = []
    for middle, inside in octaves(hz, sample_rate):
        powers = (float(density[:, inside].sum(1).mean() * step) for density in (level, residual))
        found.append(Band(middle, *map(dbfs, powers)))
    return tuple(found)


def dbfs(power: float) -> float:
    """A mean power in dB of full scale; -inf for none."""
    return db_from_gain(math.sqrt(power))
