"""Loudness and true peak by ITU-R BS.1770-4, and the last stage of a mix."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pedalboard

from svcfx import cores
from svcfx.audio import Samples
from svcfx.dsp.gated import GatedLoudness
from svcfx.dsp.levels import db_from_gain, gain_from_db, peak
from svcfx.dsp.resample import resample
from svcfx.errors import AudioShapeError, ParamError

MAX_CHANNELS = 5
_OVERSAMPLING = 4  # BS.1770-4, Annex 2
_BLOCK, _CONTEXT = 1 << 18, 512
_PIECE, _BEFORE_SECONDS, _BEHIND_SECONDS = 4, 2.0, 0.05
"""Of the limiter: blocks in a piece, and what is played of its neighbours."""
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


def integrated_lufs(samples: Samples, sample_rate: float, gain: float = 1.0) -> float:
    """Integrated, gated loudness of (channels, frames), had they `gain` times the amplitude, in LUFS.

    -inf when there is nothing to measure: shorter than one block of 0.4 s, or all blocks below the absolute
    gate of -70 LUFS. One channel counts once, so a mono signal on two loudspeakers measures 3 dB more.

    Raises:
        AudioShapeError: More than 5 channels.
    """
    return _metered(samples, sample_rate).lufs_at(gain)


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
    return db_from_gain(max(_true_peaks(samples, sample_rate), default=0.0))


def _true_peaks(samples: Samples, sample_rate: float) -> list[float]:
    """The peak of each block, as a gain."""

    def of_block(start: int) -> float:
        low, high = max(start - _CONTEXT, 0), min(start + _BLOCK + _CONTEXT, samples.shape[1])
        fine = resample(samples[:, low:high], sample_rate, sample_rate * _OVERSAMPLING)
        first = (start - low) * _OVERSAMPLING
        inner = fine[:, first : first + _BLOCK * _OVERSAMPLING]
        # The samples themselves are on the wave too, wherever the filter put its ripple.
        return max(peak(inner), peak(samples[:, start : start + _BLOCK]))

    return cores.each(of_block, range(0, samples.shape[1], _BLOCK))


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
    peaks = _true_peaks(samples, sample_rate)
    dbtp = db_from_gain(max(peaks, default=0.0))
    if ceiling_dbtp is None or dbtp <= ceiling_dbtp:
        return Mastered(samples, lufs, dbtp, note)
    held = _limited(samples, sample_rate, ceiling_dbtp, [db_from_gain(one) > ceiling_dbtp for one in peaks])
    held, after, peak_dbtp = _below(held, sample_rate, ceiling_dbtp)
    if target_lufs is not None and not note and abs(after - target_lufs) > 0.05:
        note = (
            f"the ceiling of {ceiling_dbtp:g} dBTP wins: the mix reaches {after:.1f} LUFS "
            f"instead of {target_lufs:g}, because its peaks stood at {dbtp:+.1f} dBTP"
        )
    return Mastered(held, after, peak_dbtp, note)


def _limited(samples: Samples, sample_rate: float, ceiling_dbtp: float, over: Sequence[bool]) -> Samples:
    """`samples` below the ceiling; `over` says which blocks of `_true_peaks` are not.

    Each piece is played from a fresh start two seconds before it, in which the envelope has come to where it
    would be anyhow: 2 s are 20 times its release. One that is below the ceiling, as its neighbours are, is
    left as it is. The limiter compensates its own look-ahead, so nothing moves.
    """
    before, after = round(_BEFORE_SECONDS * sample_rate), round(_BEHIND_SECONDS * sample_rate)
    held = np.array(samples, np.float32)

    def play(first: int) -> None:
        start, stop = first * _BLOCK, min((first + _PIECE) * _BLOCK, samples.shape[1])
        if not any(over[max(first - 1, 0) : first + _PIECE + 1]):
            return
        low = max(start - before, 0)
        limiter = pedalboard.BrickwallLimiter(
            ceiling_db=ceiling_dbtp, release_ms=_RELEASE_MS, lookahead_ms=_LOOKAHEAD_MS, true_peak=True
        )
        heard = limiter(np.ascontiguousarray(samples[:, low : stop + after]), sample_rate)
        held[:, start:stop] = heard[:, start - low : stop - low]

    cores.each(play, range(0, len(over), _PIECE))
    return held


def _below(held: Samples, sample_rate: float, ceiling_dbtp: float) -> tuple[Samples, float, float]:
    """What a limiter gave, turned down in place, its loudness and its true peak, which is below the ceiling.

    Its detector is a short filter; some hundredths of a dB between samples slip through, and a gain over all
    takes them away. 1e-4 dB more keeps float32 rounding on the right side.
    """
    meter, dbtp = _metered(held, sample_rate), true_peak_dbtp(held, sample_rate)
    if dbtp <= ceiling_dbtp:
        return held, meter.lufs, dbtp
    down_dbtp = ceiling_dbtp - 1e-4
    gain = np.float32(gain_from_db(down_dbtp - dbtp))
    held *= gain
    return held, meter.lufs_at(float(gain)), down_dbtp
