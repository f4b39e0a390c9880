"""A recording heard in its own time and read in another: what is sung at another tempo.

Line, loudness and content are local in time and are read between frames, so that a consonant is sung anew as
it is in the recording, only longer or shorter; nothing is heard through a stretcher.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.between import between, line
from svcfx.chain.config import ANALYSIS_HOP, FRAME_SECONDS, LONG_SLICE, SLICE
from svcfx.chain.parametric.listener import Frames, Listener
from svcfx.chain.pitch.contour import Contour
from svcfx.chain.track import RowBuffer
from svcfx.keeping import Keeper
from svcfx.time_map import TimeMap

Values = NDArray[np.float64]
_BEHIND = 4 * LONG_SLICE
"""Frames of silence behind the end that may still be asked for."""
_STEP = 2
"""Frames in a step of content."""


class RetimedLine:
    """The line of a recording in another time, in the place of the `Contour` that heard it."""

    def __init__(self, contour: Contour, f0_hz: Values) -> None:
        self._contour, self.f0, self.windows = contour, RowBuffer(dtype=np.float64), 0
        self.f0.append(f0_hz)

    def needs(self, windows: int) -> int:
        """As the contour's: slices lie as they do without."""
        return self._contour.needs(windows)

    def settled(self, windows: int) -> int:
        """As the contour's."""
        return self._contour.settled(windows)

    def advance(self, _audio: RowBuffer, windows: int, _keep: Keeper) -> None:
        """Go on; it is all there."""
        self.windows += windows

    def forget(self, before: int) -> None:
        """Drop frames before that index."""
        self.f0.forget(before)


class Content:
    """Loudness and content of a recording in another time, in the place of the `Listener` that heard it.

    Args:
        listener: It; its loudness is that of the other time from now on.
        heard: Content (steps, C) of the recording from its step `first` on.
        places: Frames of the recording (T,) on those of the other time, from the first one of its loudness.
    """

    def __init__(self, listener: Listener, heard: Frames, first: int, places: Values) -> None:
        self._listener, self._heard, self._first = listener, heard, first
        self._places, self._begin = places, listener.loudness.start

    @property
    def loudness(self) -> RowBuffer:
        """Natural log, at frames of the other time."""
        return self._listener.loudness

    def ceiling(self, first: int, stop: int) -> Values:
        """As the listener's."""
        return self._listener.ceiling(first, stop)

    def needs(self, frame: int) -> int:
        """As the listener's."""
        return self._listener.needs(frame)

    def hear(self, _audio: RowBuffer, _stop: int) -> None:
        """It is all heard."""

    def content(self, first: int, stop: int, rate: Frames) -> torch.Tensor:
        """As the listener's."""
        frames = self._places[first - self._begin : stop - self._begin]
        steps = (frames.reshape(-1, _STEP).mean(axis=1) - 0.5) / _STEP - self._first
        low, behind = between(steps, len(self._heard))
        share = behind.astype(np.float32)[:, None]
        read = self._heard[low] * (1 - share) + self._heard[low + 1] * share
        return torch.from_numpy(self._listener.drawn(read, rate))[None]

    def forget(self, before: int) -> None:
        """Drop loudness before that index."""
        self.loudness.forget(before)


@dataclass(frozen=True, slots=True, eq=False)
class TimedRecording:
    """A whole recording (n,) at 16 kHz, and its seconds against those in which it is to be sung."""

    audio16k: Samples
    time: TimeMap


def retimed(
    recording: TimedRecording, contour: Contour, listener: Listener, keep: Keeper
) -> tuple[RetimedLine, Content]:
    """Hear a recording through a fresh contour and listener, and read both in the time that it is sung in.

    `keep` may know pitch and content already.
    """
    audio16k, time = recording.audio16k, recording.time
    audio, count = RowBuffer(), math.ceil(len(audio16k) / ANALYSIS_HOP)
    windows = LONG_SLICE // SLICE * math.ceil((count + _BEHIND) / LONG_SLICE)
    begin, stop = listener.loudness.start, (windows - 2) * SLICE
    audio.append(audio16k)
    needed = max(contour.needs(windows), listener.needs(windows * SLICE))
    audio.append(np.zeros(needed - audio.end, np.float32))
    with device.inference():
        while contour.windows < windows:
            contour.advance(audio, LONG_SLICE // SLICE, keep)
        listener.hear(audio, windows * SLICE)
        edges = [*range(begin, stop, LONG_SLICE), stop]
        heard = [
            listener.content(low, high, np.zeros((high - low) // _STEP, np.float32))[0].numpy()
            for low, high in pairwise(edges)
        ]
    places = _places(time, begin, count)
    loudness = np.interp(places, np.arange(begin, stop), listener.loudness.read(begin, stop))
    listener.loudness.forget(listener.loudness.end)
    listener.loudness.start = begin
    listener.loudness.append(loudness)
    f0 = contour.f0.read(0, contour.f0.end)
    sung = line(f0, *between(places[-begin:], len(f0)))
    return RetimedLine(contour, sung), Content(listener, np.concatenate(heard), begin // _STEP, places)


def _places(time: TimeMap, begin: int, count: int) -> Values:
    """The recording's frames on those of the song, from frame `begin` on; around it nothing changes pace."""
    end = count * FRAME_SECONDS
    last = time.played(end)
    frames = np.arange(begin, math.ceil(last / FRAME_SECONDS) + _BEHIND)
    seconds = np.asarray(frames * FRAME_SECONDS, np.float64)
    inside = time.recorded_at(np.clip(seconds, 0.0, last))
    outside = np.minimum(seconds, 0.0) + np.maximum(seconds - last, 0.0)
    return np.asarray((inside + outside) / FRAME_SECONDS, np.float64)
