"""Loudness and true peak by ITU-R BS.1770-4, and the last stage of a mix."""

import math
from dataclasses import dataclass

import numpy as np
import pedalboard

from svcfx.audio import Samples
from svcfx.dsp.gated import GatedLoudness
from svcfx.dsp.levels import db_from_gain, gain_from_db, peak, peak_dbfs
from svcfx.dsp.resample import resample
from svcfx.errors import AudioShapeError, ParamError

MAX_CHANNELS = 5
_OVERSAMPLING = 4  # BS.1770-4, Annex 2
_BLOCK, _CONTEXT = 1 << 18, 512
_RELEASE_MS, _LOOKAHEAD_MS = 100.0, 5.0
_SAME_DB = 0.005  # a gain nobody hears or reads on a meter


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """A finished mix, shape (channels, frames), its loudness in LUFS, its true peak in dBTP.

    `note` is a sentence when the loudness target was not reached, else empty.
    """

    samples: Samples
    lufs: float
    dbtp: float
    note: str = ""


def integrated_lufs(samples: Samples, sample_rate: float) -> float:
    """Integrated, gated loudness of (channels, frames) in LUFS.

    -inf when there is nothing to measure: shorter than one block of 0.4 s, or all blocks below the absolute
    gate of -70 LUFS. One channel counts once, so a mono signal on two loudspeakers measures 3 dB more.

    Raises:
        AudioShapeError: More than 5 channels.
    """
    return _metered(samples, sample_rate).lufs


def _metered(samples: Samples, sample_rate: float) -> GatedLoudness:
    if samples.shape[0] > MAX_CHANNELS:
        raise AudioShapeError(f"loudness is defined for 1 to {MAX_CHANNELS} channels, got {samples.shape[0]}")
    meter = GatedLoudness(sample_rate, samples.shape[0])
    meter.push(samples)
    return meter


@dataclass(frozen=True, slots=True)
class Levels:
    """Integrated loudness in LUFS and true peak in dBTP, -inf where there is none; loudness range in LU."""

    lufs: float
    range_lu: float
    dbtp: float


def levels(samples: Samples, sample_rate: float) -> Levels:
    """Levels of (channels, frames); range by EBU Tech 3342. Raises as `integrated_lufs` does."""
    meter = _metered(samples, sample_rate)
    return Levels(meter.lufs, meter.range_lu, true_peak_dbtp(samples, sample_rate))


def true_peak_dbtp(samples: Samples, sample_rate: float) -> float:
    """Peak of (channels, frames) between the samples as well, in dB of full scale; -inf for silence.

    Four-fold oversampling (BS.1770-4, Annex 2), in blocks with real context on both sides.
    """
    frames, highest = samples.shape[1], 0.0
    for start in range(0, frames, _BLOCK):
        low, high = max(start - _CONTEXT, 0), min(start + _BLOCK + _CONTEXT, frames)
        fine = resample(samples[:, low:high], sample_rate, sample_rate * _OVERSAMPLING)
        first = (start - low) * _OVERSAMPLING
        inner = fine[:, first : first + _BLOCK * _OVERSAMPLING]
        highest = max(highest, peak(inner))
    # The samples themselves are on the wave too, wherever the filter of the oversampling put its ripple.
    return max(db_from_gain(highest), peak_dbfs(samples))


def master(
    samples: Samples, sample_rate: float, target_lufs: float | None, ceiling_dbtp: float | None
) -> Mastered:
    """Bring a mix to its loudness and keep it below its ceiling; the ceiling wins.

    Args:
        samples: The mix, shape (channels, frames).
        sample_rate: Hz.
        target_lufs: Integrated loudness to reach by one gain, or None to leave the level alone.
        ceiling_dbtp: True peak never exceeded, by a look-ahead limiter, or None for no limit.

    Returns:
        Equal length, aligned; the very same samples when nothing had to be done.

    Raises:
        ParamError: A target above 0 LUFS, a ceiling above 0 dBTP, or one that is not finite.
    """
    for name, value, unit in (("target", target_lufs, "LUFS"), ("ceiling", ceiling_dbtp, "dBTP")):
        if value is not None and not -70.0 <= value <= 0.0:
            raise ParamError(f"{name} is {value:g} {unit}, outside -70 to 0 {unit}")
    meter, note = _metered(samples, sample_rate), ""
    lufs = meter.lufs
    if target_lufs is not None and lufs == -math.inf:
        note = f"too quiet or too short to measure, so it was not brought to {target_lufs:g} LUFS"
    elif target_lufs is not None and abs(target_lufs - lufs) > _SAME_DB:
        gain = np.float32(gain_from_db(target_lufs - lufs))
        samples, lufs = np.asarray(samples * gain, np.float32), meter.lufs_at(float(gain))
    dbtp = true_peak_dbtp(samples, sample_rate)
    if ceiling_dbtp is None or dbtp <= ceiling_dbtp:
        return Mastered(samples, lufs, dbtp, note)
    held, peak_dbtp = _limited(samples, sample_rate, ceiling_dbtp)
    after = integrated_lufs(held, sample_rate)
    if target_lufs is not None and not note and abs(after - target_lufs) > 0.05:
        note = (
            f"the ceiling of {ceiling_dbtp:g} dBTP wins: the mix reaches {after:.1f} LUFS "
            f"instead of {target_lufs:g}, because its peaks stood at {dbtp:+.1f} dBTP"
        )
    return Mastered(held, after, peak_dbtp, note)


def _limited(samples: Samples, sample_rate: float, ceiling_dbtp: float) -> tuple[Samples, float]:
    """`samples` below the ceiling, and their true peak. The limiter compensates its own look-ahead, so
    nothing moves."""
    limiter = pedalboard.BrickwallLimiter(
        ceiling_db=ceiling_dbtp, release_ms=_RELEASE_MS, lookahead_ms=_LOOKAHEAD_MS, true_peak=True
    )
    held = np.asarray(limiter(np.ascontiguousarray(samples), sample_rate), np.float32)
    # Its detector is a short filter; some hundredths of a dB between samples slip through, and a gain
    # over all takes them away. 1e-4 dB more keeps float32 rounding on the right side.
    peak_dbtp = true_peak_dbtp(held, sample_rate)
    if peak_dbtp <= ceiling_dbtp:
        return held, peak_dbtp
    held = np.asarray(held * np.float32(gain_from_db(ceiling_dbtp - peak_dbtp - 1e-4)), np.float32)
    return held, true_peak_dbtp(held, sample_rate)
