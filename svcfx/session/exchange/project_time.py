"""Tempo, meter and markers of a `.dawproject`."""

from collections.abc import Iterator

from svcfx import midi
from svcfx.errors import InputError
from svcfx.midi.write import TICKS_PER_QUARTER
from svcfx.session.exchange.timebase import Timebase, number
from svcfx.session.exchange.xml import Element

_MOST_CHANGES = 100_000
_MOST_MARKERS = 10_000
_RAMP_STEP = 0.25
"""Quarters between two steps of a tempo that glides."""
_SLOWEST, _FASTEST = 3.6, 60e6
"""Quarters a minute that a MIDI file can say."""


def tempo_map(root: Element, lost: list[str]) -> midi.TempoMap | None:
    """The song's time, None where it says none; a tempo that glides becomes steps, and that is said.

    Raises:
        InputError: A tempo or a time that is none.
    """
    transport, arrangement = root.first("Transport"), root.first("Arrangement") or Element("")
    if transport is None:
        return None
    tempo, meter = transport.first("Tempo"), transport.first("TimeSignature")
    changes = list(_tempos(arrangement.first("TempoAutomation"), lost))
    if tempo is not None and not changes:
        changes = [midi.Tempo(0, _microseconds(tempo.get("value") or "120"))]
    meters = [_meter(0, meter)] if meter is not None else []
    signatures = arrangement.first("TimeSignatureAutomation") or Element("")
    meters += [
        _meter(_tick(number(point.get("time"), "a meter's time")), point)
        for point in signatures.every("TimeSignaturePoint")
    ]
    kept = [each for each in meters if each is not None]
    if len(kept) < len(meters):
        lost.append("time signatures that are none")
    if len(changes) + len(kept) > _MOST_CHANGES:
        raise InputError(f"its tempo changes more often than {_MOST_CHANGES:,} times")
    return midi.TempoMap(
        TICKS_PER_QUARTER, tuple(sorted(changes)), tuple(sorted(kept, key=lambda each: each.tick))
    )


def markers(arrangement: Element, timebase: Timebase) -> tuple[tuple[float, str], ...]:
    """Song second and name of each marker."""
    found = []
    for tag in ("Markers", "markers"):
        for element in (each for each in arrangement.below() if each.tag == tag):
            unit = timebase.unit(element.get("timeUnit"), "beats")
            for mark in element.every("Marker"):
                time = timebase.seconds(number(mark.get("time"), "a marker's time"), unit)
                found.append((time, mark.get("name") or "marker"))
    return tuple(sorted(found)[:_MOST_MARKERS])


def _tempos(points: Element | None, lost: list[str]) -> Iterator[midi.Tempo]:
    marks = _marks(points)
    for place, (time, bpm, glides) in enumerate(marks):
        yield midi.Tempo(0 if not place else _tick(time), _microseconds(repr(bpm)))
        if glides and place + 1 < len(marks) and marks[place + 1][1] != bpm:
            if "a tempo that glides: it goes in steps" not in lost:
                lost.append("a tempo that glides: it goes in steps")
            end, last, _ = marks[place + 1]
            count = min(max(round((end - time) / _RAMP_STEP), 1), _MOST_CHANGES)
            for step in range(count):
                at, middle = time + (end - time) * step / count, bpm + (last - bpm) * (step + 0.5) / count
                yield midi.Tempo(_tick(at), _microseconds(repr(middle)))


def _marks(points: Element | None) -> list[tuple[float, float, bool]]:
    """Quarter, tempo, and whether it glides to the next, in order."""
    found = [
        (
            max(number(point.get("time"), "a tempo's time"), 0.0),
            number(point.get("value"), "a tempo"),
            point.get("interpolation") == "linear",
        )
        for point in (points.every("RealPoint") if points is not None else ())
    ]
    return sorted(found, key=lambda mark: mark[0])


def _tick(quarters: float) -> int:
    return round(max(quarters, 0.0) * TICKS_PER_QUARTER)


def _microseconds(text: str) -> int:
    bpm = number(text, "the tempo")
    if not _SLOWEST <= bpm <= _FASTEST:
        raise InputError(f"the tempo is {bpm:g} quarters a minute, outside {_SLOWEST:g} to {_FASTEST:g}")
    return round(60e6 / bpm)


def _meter(tick: int, element: Element) -> midi.TimeSignature | None:
    above = int(number(element.get("numerator"), "a meter's numerator"))
    below = int(number(element.get("denominator"), "a meter's denominator"))
    if not (1 <= above <= 255 and below in (1, 2, 4, 8, 16, 32, 64)):
        return None
    return midi.TimeSignature(tick, above, below)
