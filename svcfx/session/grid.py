"""The song's bars, beats, tempos and markers in song seconds, for whoever draws them."""

from bisect import bisect_right
from dataclasses import dataclass

from svcfx.session.timeline import Timeline

MOST_BARS = 10_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar by its number from 1, the song second at which it begins, and how many beats it has."""

    number: int
    seconds: float
    beats: int


def bars(timeline: Timeline, end_seconds: float) -> tuple[Bar, ...]:
    """The bars that begin before `end_seconds`; none without MIDI or a tempo."""
    tempo_map = timeline.tempo_map
    if tempo_map is None:
        return ()
    found: list[Bar] = []
    for number in range(1, MOST_BARS):
        start = tempo_map.seconds_of_bar(number)
        if start + timeline.offset_seconds >= end_seconds:
            break
        meters, tick = tempo_map.time_signatures, tempo_map.tick(start) + 0.5
        meter = meters[bisect_right(meters, tick, key=lambda change: change.tick) - 1]
        found.append(Bar(number, start + timeline.offset_seconds, meter.numerator))
    return tuple(found)


def markers(timeline: Timeline) -> tuple[tuple[float, str], ...]:
    """The MIDI file's markers: song second and text."""
    song = timeline.song
    return tuple((mark.seconds + timeline.offset_seconds, mark.text) for mark in song.markers) if song else ()


def tempos(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Each tempo: song second from which it holds, and quarters a minute."""
    tempo_map = timeline.tempo_map
    if tempo_map is None:
        return ()
    return tuple((tempo_map.seconds(at.tick) + timeline.offset_seconds, at.bpm) for at in tempo_map.tempos)
