"""Cut a take at its pauses, as the 4.1 family does: only what is silent for long is taken out.

Source: the published facts of so-vits-svc 4.1.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.svc.slices import Slice

Wave = NDArray[np.float32]


class _Tag(NamedTuple):
    """A silence in hops; first equals last where nothing is taken out and only a cut is made."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Sovits41Rules:
    """What counts as silence (dBFS), and how long things must be (milliseconds)."""

    threshold_db: float = -40.0
    shortest_ms: float = 5000.0
    pause_ms: float = 300.0
    hop_ms: float = 20.0
    kept_ms: float = 5000.0


def slices(audio: Wave, rate_hz: int, rules: Sovits41Rules = Sovits41Rules()) -> list[Slice]:
    """Slices of a mono take (n,), in order and without gaps; where a cut is made, a silence of no length."""
    if not len(audio):
        return []
    hop_exact = rate_hz * rules.hop_ms / 1000.0
    hop = round(hop_exact)
    levels = _rms(audio, min(round(rate_hz * rules.pause_ms / 1000.0), 4 * hop), hop)
    lengths = (rules.shortest_ms, rules.pause_ms, rules.kept_ms)
    shortest, pause, kept = (round(rate_hz * ms / 1000.0 / hop_exact) for ms in lengths)
    quiet = levels < 10.0 ** (rules.threshold_db / 20.0)
    return _cut(_tags(levels, quiet, shortest, pause, kept), hop, len(audio))


def _rms(audio: Wave, window: int, hop: int) -> NDArray[np.float64]:
    """RMS of windows centred on every hop, silence beyond the ends."""
    power = np.pad(np.asarray(audio, np.float64) ** 2, window // 2)
    total = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - window + 1, hop)
    return np.asarray(np.sqrt(np.maximum(total[starts + window] - total[starts], 0.0) / window))


def _tags(
    levels: NDArray[np.float64], quiet: NDArray[np.bool_], shortest: int, pause: int, kept: int
) -> list[_Tag]:
    """Walk the frames; every silence long enough becomes a tag."""
    tags: list[_Tag] = []
    since: int | None = None
    clip_start = 0
    for i, is_quiet in enumerate(quiet):
        if is_quiet:
            since = i if since is None else since
            continue
        if since is None:
            continue
        leading = since == 0 and i > kept
        middle = i - since >= pause and i - clip_start >= shortest
        if leading or middle:
            tags.append(_tag(levels, since, i, kept))
            clip_start = tags[-1].last
        since = None
    frames = len(levels)
    if since is not None and frames - since >= pause:
        at = _quietest(levels, since, min(frames, since + kept))
        tags.append(_Tag(at, frames + 1))
    return tags


def _tag(levels: NDArray[np.float64], since: int, until: int, kept: int) -> _Tag:
    """The silence from frame `since` to the voice at `until`, of which up to `kept` frames stay a side."""
    if until - since <= kept:
        at = _quietest(levels, since, until)
        return _Tag(0 if since == 0 else at, at)
    left = _quietest(levels, since, since + kept)
    right = _quietest(levels, until - kept, until)
    if until - since <= 2 * kept:
        both = _quietest(levels, until - kept, since + kept)
        return _Tag(0, right) if since == 0 else _Tag(min(left, both), max(right, both))
    return _Tag(0 if since == 0 else left, right)


def _quietest(levels: NDArray[np.float64], first: int, last: int) -> int:
    """The first quietest frame of [first, last]."""
    return first + int(levels[first : last + 1].argmin())


def _cut(tags: list[_Tag], hop: int, samples: int) -> list[Slice]:
    """Voice and silence in turn; a silence of no length stands for a cut."""
    parts: list[Slice] = []
    position = 0
    for index, tag in enumerate(tags):
        first, last = min(samples, tag.first * hop), min(samples, tag.last * hop)
        if index or first:
            parts.append(Slice(False, position, first))
        parts.append(Slice(True, first, last))
        position = last
    if position < samples:
        parts.append(Slice(False, position, samples))
    return parts
