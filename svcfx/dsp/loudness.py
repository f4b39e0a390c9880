"""Loudness and true peak by ITU-R BS.1770-4, and the last stage of a mix."""

import math
from dataclasses import dataclass

import numpy as np
import pedalboard
from numpy.typing import NDArray

from svcfx import cores, scratch
from svcfx.audio import Samples
from svcfx.dsp.gated import GatedLoudness
from svcfx.dsp.levels import db_from_gain, gain_from_db
from svcfx.dsp.resample import BLOCK, StreamResampler
from svcfx.errors import AudioShapeError, ParamError

MAX_CHANNELS = 5
_OVERSAMPLING = 4  # BS.1770-4, Annex 2
_BLOCK, _CONTEXT = 1 << 18, 512
_PIECE, _BEFORE_SECONDS, _BEHIND_SECONDS = 1 << 20, 2.0, 0.05
"""Of the limiter: frames of a piece, and what is played of its neighbours."""
_LEAST = 16  # frames that nobody takes for channels
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

    def of_block(start: int) -> float:
        return float(_frame_peaks(samples, sample_rate, start, min(start + _BLOCK, samples.shape[1])).max())

    return db_from_gain(max(cores.each(of_block, range(0, samples.shape[1], _BLOCK)), default=0.0))


def _frame_peaks(samples: Samples, sample_rate: float, start: int, stop: int) -> NDArray[np.float32]:
    """The true peak at each frame from `start` to `stop`, and from there to the next, all channels together;
    shape (stop - start,)."""
    # The samples themselves are on the wave too, wherever the filter puts its ripple.
    peaks = np.asarray(np.abs(samples[:, start:stop]).max(axis=0), np.float32)
    low, high = max(start - _CONTEXT, 0), min(stop + _CONTEXT, samples.shape[1])
    for channel in samples:
        stream, done = StreamResampler(sample_rate, sample_rate * _OVERSAMPLING), 0
        for first in range(low, high, BLOCK):  # what stays in a core's own memory
            last = min(first + BLOCK, high)
            wave = np.abs(stream.push(channel[None, first:last], last=last == high)[0])
            for at in range(min(_OVERSAMPLING, len(wave))):
                size, frame = wave[at::_OVERSAMPLING], low - start + (done + at) // _OVERSAMPLING
                size = size[max(-frame, 0) :]
                held = peaks[max(frame, 0) :][: len(size)]
                np.maximum(held, size[: len(held)], out=held)
            done += len(wave)
    return peaks


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
        samples, lufs = scratch.times(samples, gain), meter.lufs_at(float(gain))
    if ceiling_dbtp is None:
        return Mastered(samples, lufs, true_peak_dbtp(samples, sample_rate), note)
    held, dbtp = _limited(samples, sample_rate, ceiling_dbtp)
    if dbtp <= ceiling_dbtp:
        return Mastered(samples, lufs, dbtp, note)
    held, after, peak_dbtp = _below(held, sample_rate, ceiling_dbtp)
    if target_lufs is not None and not note and abs(after - target_lufs) > 0.05:
        note = (
            f"the ceiling of {ceiling_dbtp:g} dBTP wins: the mix reaches {after:.1f} LUFS "
            f"instead of {target_lufs:g}, because its peaks stood at {dbtp:+.1f} dBTP"
        )
    return Mastered(held, after, peak_dbtp, note)


def _limited(samples: Samples, sample_rate: float, ceiling_dbtp: float) -> tuple[Samples, float]:
    """`samples` below the ceiling, as good as; and the true peak in dBTP that they had.

    The limiter turns all its channels down as the loudest asks for: one more holds the true peaks, so that
    it hears what they are measured by. (Its own detector is a short filter: noise through it stood 0.85 dB
    above the ceiling.) It compensates its own look-ahead, so nothing moves.

    Each piece is played from a fresh start two seconds before it, in which the envelope has come to where it
    would be anyhow: 2 s are 20 times its release. What never exceeds the ceiling it leaves as it is.
    """
    frames, ceiling = samples.shape[1], gain_from_db(ceiling_dbtp)
    before, behind = round(_BEFORE_SECONDS * sample_rate), round(_BEHIND_SECONDS * sample_rate)
    held = scratch.zeros(samples.shape)

    def play(start: int) -> float:
        stop = min(start + _PIECE, frames)
        low, high = max(start - before, 0), min(stop + behind, frames)
        heard = np.zeros((len(samples) + 1, max(high - low, _LEAST)), np.float32)
        heard[:-1, : high - low] = samples[:, low:high]
        heard[-1, : high - low] = peaks = _frame_peaks(samples, sample_rate, low, high)
        if peaks.max() > ceiling:
            limiter = pedalboard.BrickwallLimiter(
                ceiling_db=ceiling_dbtp, release_ms=_RELEASE_MS, lookahead_ms=_LOOKAHEAD_MS
            )
            heard = limiter(heard, sample_rate)
        held[:, start:stop] = heard[:-1, start - low : stop - low]
        return float(peaks[start - low : stop - low].max())

    return held, db_from_gain(max(cores.each(play, range(0, frames, _PIECE)), default=0.0))


def _below(held: Samples, sample_rate: float, ceiling_dbtp: float) -> tuple[Samples, float, float]:
    """What a limiter gave, turned down in place, its loudness and its true peak, which is below the ceiling.

    Where its gain moves, some thousandths of a dB between samples slip through, and a gain over all takes
    them away. 1e-4 dB more keeps float32 rounding on the right side.
    """
    meter, dbtp = _metered(held, sample_rate), true_peak_dbtp(held, sample_rate)
    if dbtp <= ceiling_dbtp:
        return held, meter.lufs, dbtp
    down_dbtp = ceiling_dbtp - 1e-4
    gain = np.float32(gain_from_db(down_dbtp - dbtp))
    held *= gain
    return held, meter.lufs_at(float(gain)), down_dbtp
