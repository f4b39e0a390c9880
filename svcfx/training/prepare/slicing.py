"""Where a recording is cut: pieces of 5 to 15 s, at pauses, and where there is none at the quietest place.

Nothing is joined that was not sung in one breath of the tape: a piece keeps the short pauses inside it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp.runs import runs
from svcfx.training.prepare.survey import FRAMES_PER_SECOND

SHORTEST_SECONDS = 0.3
LEAST_SECONDS, MOST_SECONDS = 5.0, 15.0
PAUSE_SECONDS = 0.5
"""A shorter pause belongs to the phrase."""
LONGEST_PAUSE_SECONDS = 2.0
"""A longer one is never part of a piece."""
EDGE_SECONDS = 0.2
"""Silence that is left on each side of a piece: onsets and releases are softer than the threshold."""
BELOW_LOUD_DB, ABOVE_FLOOR_DB, SURELY_SUNG_DB = 40.0, 8.0, 20.0
SILENT_DBFS = -70.0

Values = NDArray[np.float64]


class Span(NamedTuple):
    """Frames `start` to `stop` of 10 ms."""

    start: int
    stop: int

    @property
    def frames(self) -> int:
        """How many."""
        return self.stop - self.start


def pieces(power: Values) -> list[Span]:
    """Cut a recording of mean squares (F,) per 10 ms; [] when it is silent all through."""
    sung = _sung(power)
    found = _phrases(sung)
    joined: list[Span] = []
    for phrase in found:
        if joined and _belongs(joined[-1], phrase):
            joined[-1] = Span(joined[-1].start, phrase.stop)
        else:
            joined.append(phrase)
    edges = _with_edges(joined, len(power))
    smooth = _smoothed(power)
    return [part for span in edges for part in _cut(span, smooth)]


def _sung(power: Values) -> NDArray[np.bool_]:
    """Frames above a threshold between the recording's floor and its loud frames."""
    level = 10.0 * np.log10(_smoothed(power) + 1e-12)
    heard = level[level > SILENT_DBFS]
    if not heard.size:
        return np.zeros(len(power), np.bool_)
    floor, loud = np.percentile(heard, [10.0, 95.0])
    threshold = min(max(loud - BELOW_LOUD_DB, floor + ABOVE_FLOOR_DB), loud - SURELY_SUNG_DB)
    return np.asarray(level > max(threshold, SILENT_DBFS))


def _smoothed(power: Values, frames: int = 5) -> Values:
    kernel = np.ones(frames) / frames
    return np.convolve(np.pad(power, frames // 2, mode="edge"), kernel, mode="valid")


def _phrases(sung: NDArray[np.bool_]) -> list[Span]:
    """Runs of sung frames, over pauses that are shorter than a pause between phrases."""
    phrases: list[Span] = []
    for run in (Span(*ends) for ends in runs(sung)):
        if phrases and run.start - phrases[-1].stop < _frames(PAUSE_SECONDS):
            phrases[-1] = Span(phrases[-1].start, run.stop)
        else:
            phrases.append(run)
    return phrases


def _belongs(before: Span, phrase: Span) -> bool:
    """Whether a phrase is sung on in the same piece."""
    pause = phrase.start - before.stop
    too_long = phrase.stop - before.start > _frames(MOST_SECONDS - 2 * EDGE_SECONDS)
    short = min(before.frames, phrase.frames) < _frames(LEAST_SECONDS)
    return short and pause <= _frames(LONGEST_PAUSE_SECONDS) and not too_long


def _with_edges(spans: list[Span], total: int) -> list[Span]:
    """Each span with silence around it, which two neighbours share."""
    wide, edge = [], _frames(EDGE_SECONDS)
    for index, span in enumerate(spans):
        low = (spans[index - 1].stop + span.start) // 2 if index else 0
        high = (span.stop + spans[index + 1].start + 1) // 2 if index + 1 < len(spans) else total
        wide.append(Span(max(span.start - edge, low), min(span.stop + edge, high)))
    return wide


def _cut(span: Span, smooth: Values) -> list[Span]:
    """Pieces no longer than the longest; each cut lies at the quietest place that leaves both long enough."""
    least, most = _frames(LEAST_SECONDS), _frames(MOST_SECONDS)
    parts = []
    while span.frames > most:
        first, last = span.start + least, min(span.start + most, span.stop - least)
        at = first + int(np.argmin(smooth[first : last + 1]))
        parts.append(Span(span.start, at))
        span = Span(at, span.stop)
    return [*parts, span]


def _frames(seconds: float) -> int:
    return round(seconds * FRAMES_PER_SECOND)
