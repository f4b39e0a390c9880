"""What one picture shows: a stem's pitch before and after its voice, against the song's bars and key."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx import audio
from svcfx.audio import Audio
from svcfx.chain.scales import note_numbers
from svcfx.errors import SessionError, nearest
from svcfx.events import Unheard
from svcfx.lanes import Lane
from svcfx.session import grid
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.time_map import TimeMap

Array = NDArray[np.float64]
Texts = tuple[tuple[float, str], ...]
FRAME_SECONDS = 0.01
_QUIET_DB = 45.0
"""Frames this far below the loudest are a reverb's tail or breath: their pitch is no note that was sung."""


@dataclass(frozen=True, slots=True, eq=False)
class Sung:
    """A line of pitch: song seconds (n,) and MIDI numbers with fraction (n,), NaN where nothing is voiced."""

    seconds: Array
    notes: Array


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One stem of one song. `bars` are (number, song second); `marks` and `tempos` (song second, text); `way`
    says which buses it runs through, "" where it goes to the master alone; `sections` are those in which
    something changes (begin and end in song seconds)."""

    title: str
    singer: str
    source: Sung
    converted: Sung
    key: Lane
    end_seconds: float
    bars: tuple[tuple[int, float], ...] = ()
    marks: Texts = ()
    tempos: Texts = ()
    way: str = ""
    sections: tuple[tuple[float, float], ...] = ()


def sung(sound: Audio, start_seconds: float = 0.0, time: TimeMap | None = None) -> Sung:
    """The pitch of `sound`, whose first sample sounds at `start_seconds` of the song, the others as `time`
    has them."""
    from svcfx.chain.analysis import analyse  # here: it loads torch

    mono = np.ascontiguousarray(sound.samples.mean(axis=0))
    found = analyse(mono, sound.sample_rate)
    frames = len(found.f0_hz)
    notes = np.full(frames, np.nan)
    heard = found.voiced & _loud(mono, sound.sample_rate, frames)
    notes[heard] = note_numbers(found.f0_hz[heard])
    seconds = np.asarray(FRAME_SECONDS * np.arange(frames), np.float64)
    return Sung(start_seconds + (seconds if time is None else time.played_at(seconds)), notes)


def _source(plan: Plan, stem: Strip) -> Sung:
    """The pitch of what the stem plays."""
    clip = stem.recording
    if clip.score is None:
        return sung(audio.read(clip.path), stem.start_seconds, clip.time)
    played = clip.score.play(clip.info.frames, plan.sample_rate, Unheard())
    return sung(Audio(played, plan.sample_rate), stem.start_seconds)


def _loud(mono: NDArray[np.float32], sample_rate: int, frames: int) -> NDArray[np.bool_]:
    """Which 10 ms frames lie within `_QUIET_DB` of the loudest."""
    edges = np.round(np.arange(frames + 1) * FRAME_SECONDS * sample_rate).astype(int).clip(0, len(mono))
    total = np.concatenate([[0.0], np.cumsum(np.square(mono, dtype=np.float64))])
    power = np.diff(total[edges]) / np.maximum(np.diff(edges), 1)
    return np.asarray(power > power.max(initial=0.0) * 10.0 ** (-_QUIET_DB / 10.0), np.bool_)


def of_stem(plan: Plan, name: str | None = None, *, converted: Audio | None = None) -> Subject:
    """The subject of the stem called `name`, by default the first that a voice sings.

    Args:
        plan: The session's plan.
        name: A stem's name.
        converted: The stem as it was written, from the song's second 0; rendered anew when not given.

    Raises:
        SessionError: There is no such stem, or no voice sings it.
    """
    stem = _pick(plan, name)
    if converted is None:
        from svcfx.session import strip_render

        rendered = strip_render.render(plan, stem)
        start = rendered.start_frame / plan.sample_rate
        after = sung(Audio(rendered.samples, plan.sample_rate), start)
    else:
        after = sung(converted)
    end = plan.frames / plan.sample_rate
    return Subject(
        title=plan.document.session.title or plan.document.name,
        singer=_singer(stem),
        source=_source(plan, stem),
        converted=after,
        key=plan.key,
        end_seconds=end,
        bars=tuple((bar.number, bar.seconds) for bar in grid.bars(plan.timeline, end)),
        marks=grid.markers(plan.timeline),
        tempos=tuple((at, f"{bpm:.3g} bpm") for at, bpm in grid.tempos(plan.timeline)),
        way=_way(plan, stem),
        sections=tuple((part.start_seconds, min(part.end_seconds, end)) for part in plan.sections),
    )


def _pick(plan: Plan, name: str | None) -> Strip:
    singing = {stem.name: stem for stem in plan.heard if stem.voices}
    if name is None and singing:
        return next(iter(singing.values()))
    if name is None or name not in singing:
        wanted = f"no stem '{name}' that a voice sings" if name else "no stem that a voice sings"
        near = nearest(name, singing) if name else ""
        raise SessionError(f"the session has {wanted}{near}", hint="give a vocal stem a preset with a voice")
    return singing[name]


def _way(plan: Plan, stem: Strip) -> str:
    """The strips that a stem goes through, and those that it sends to."""
    names, strip = [stem.name], stem
    while strip.to not in ("", MASTER):
        strip = plan.named(strip.to)
        names.append(strip.name)
    sends = f", sends to {', '.join(send.to for send in stem.sends)}" if stem.sends else ""
    way = [*names, MASTER] if strip.to == MASTER else names
    return " → ".join(way) + sends if len(names) > 1 or sends else ""


def _singer(stem: Strip) -> str:
    return " and ".join(dict.fromkeys(voice.name for voice in stem.used))
