"""The stretch of a song with the most singing in it, in whole bars: what to hear first of a change."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx import audio
from svcfx.audio import Samples
from svcfx.dsp.levels import gain_from_db
from svcfx.errors import SessionError
from svcfx.session import grid
from svcfx.session.plan import Plan
from svcfx.session.strip import ClipPlan

FRAME_SECONDS = 0.05
_QUIET_DB = 30.0
"""Frames this far below a stem's loudest are not sung."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bars as `bounce` takes them, such as "5-12", and the song seconds where they begin and end."""

    bars: str
    start_seconds: float
    end_seconds: float


def most_sung(plan: Plan, seconds: float = 15.0) -> Excerpt:
    """The whole bars of about `seconds` in which the stems with voices sound most; without any, all stems.

    Raises:
        SessionError: Nothing says where bars are.
        AudioFileError: A stem cannot be read.
    """
    end = plan.frames / plan.sample_rate
    bars = grid.bars(plan.timeline, end)
    if not bars:
        raise SessionError(
            "the song has no bars to take some of", hint="add [tempo] with bpm = 120, or a MIDI file"
        )
    starts = np.array([bar.seconds for bar in bars])
    ends = np.append(starts[1:], end)
    sung = _sung(plan, end)
    total = np.concatenate([[0.0], np.cumsum(sung)])
    best, chosen = -1.0, (0, 0)
    for first, start in enumerate(starts):
        last = max(int(np.searchsorted(ends, start + seconds + FRAME_SECONDS, side="right")) - 1, first)
        low, high = (min(max(round(at / FRAME_SECONDS), 0), len(sung)) for at in (start, ends[last]))
        heard = float(total[high] - total[low])
        if heard > best:
            best, chosen = heard, (first, last)
    first, last = chosen
    return Excerpt(f"{bars[first].number}-{bars[last].number}", float(starts[first]), float(ends[last]))


def of_file(path: Path, seconds: float = 15.0) -> tuple[float, float]:
    """Where the `seconds` of a recording begin and end in which most is sung: most frames within 30 dB of
    its loudest.

    Raises:
        AudioFileError: It cannot be read.
    """
    loud, count = _loud_in(path, audio.probe(path).sample_rate), round(seconds / FRAME_SECONDS)
    total = np.concatenate([[0], np.cumsum(loud)])
    first = int(np.argmax(total[count:] - total[:-count])) if len(loud) > count else 0
    return first * FRAME_SECONDS, first * FRAME_SECONDS + seconds


def _sung(plan: Plan, end_seconds: float) -> NDArray[np.float64]:
    """How many stems sound in each frame of the song, shape (frames,)."""
    count = np.zeros(int(end_seconds / FRAME_SECONDS) + 1)
    stems = [stem for stem in plan.heard if stem.voices] or list(plan.heard)
    for stem in stems:
        loud = _in_time(_loud(stem.recording), stem.recording)
        first = round(stem.start_seconds / FRAME_SECONDS)
        count[first : first + len(loud)] += loud[: max(len(count) - first, 0)]
    return count


def _loud(clip: ClipPlan) -> NDArray[np.bool_]:
    """Which frames of a clip lie within 30 dB of its loudest; of a track, in which notes are held."""
    if clip.score is not None:
        return clip.score.sounds(np.arange(0.0, clip.end_seconds, FRAME_SECONDS))
    return _loud_in(clip.path, clip.info.sample_rate)


def _loud_in(path: Path, sample_rate: int) -> NDArray[np.bool_]:
    """Which frames of a file lie within 30 dB of its loudest."""
    hop = round(FRAME_SECONDS * sample_rate)
    power = np.concatenate([_power(piece.samples, hop) for piece in audio.blocks(path, hop * 200)])
    return np.asarray(power > power.max(initial=0.0) * gain_from_db(-2 * _QUIET_DB), np.bool_)


def _in_time(loud: NDArray[np.bool_], clip: ClipPlan) -> NDArray[np.bool_]:
    """Frames of a clip as it is played."""
    if clip.time is None:
        return loud
    count = int(clip.seconds / FRAME_SECONDS) + 1
    recorded = clip.time.recorded_at(np.asarray(FRAME_SECONDS * np.arange(count), np.float64))
    at = np.clip(np.round(recorded / FRAME_SECONDS).astype(int), 0, len(loud) - 1)
    return np.asarray(loud[at], np.bool_)


def _power(samples: Samples, hop: int) -> NDArray[np.float64]:
    starts = np.arange(0, samples.shape[1], hop)
    return np.asarray(
        np.add.reduceat(np.square(samples, dtype=np.float64).sum(axis=0), starts) / hop, np.float64
    )
