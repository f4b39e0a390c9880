"""Tempo, meter and markers of a `.dawproject`."""

from collections.abc import Iterator
from itertools import islice

from svcfx import midi
from svcfx.errors import InputError
from svcfx.midi.write import TICKS_PER_QUARTER
from svcfx.session.exchange.song import Lost
from svcfx.session.exchange.timebase import Timebase, number
from svcfx.session.exchange.xml import Element

MOST_CHANGES = 100_000
MOST_MARKERS = 10_000
_RAMP_STEP = 0.25
"""Quarters between two steps of a tempo that glides."""
_SLOWEST, _FASTEST = 3.6, 60e6
"""Quarters a minute that a MIDI file can say."""


def tempo_map(root: Element, lost: Lost) -> midi.TempoMap | None:
    """The song's time, None where it says none; a tempo that glides becomes steps, and that is said.

    Raises:
        InputError: A tempo or a time that is none.
    """
    transport, arrangement = root.first("Transport"), root.first("Arrangement") or Element("")
    if transport is None:
        return None
    tempo, signature = transport.first("Tempo"), transport.first("TimeSignature")
    changes = list(islice(_tempos(arrangement.first("TempoAutomation"), lost), MOST_CHANGES + 1))
    if tempo is not None and not changes:
        changes = [midi.TempoChange(0, microseconds(number(tempo.get("value"), "the tempo", 120.0)))]
    meters = [_meter(0, signature)] if signature is not None else []
    signatures = arrangement.first("TimeSignatureAutomation") or Element("")
    meters += [
        _meter(_tick(number(point.get("time"), "a meter's time")), point)
        for point in signatures.every("TimeSignaturePoint")
    ]
    kept = [each for each in meters if each is not None]
    if len(kept) < len(meters):
        lost.add("time signatures that are none")
    if len(changes) + len(kept) > MOST_CHANGES:
        raise InputError(f"its tempo changes more often than {MOST_CHANGES:,} times")
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
    return tuple(sorted(found)[:MOST_MARKERS])


def _tempos(points: Element | None, lost: Lost) -> Iterator[midi.TempoChange]:
    marks = _marks(points)
    for place, (time, bpm, glides) in enumerate(marks):
        yield midi.TempoChange(0 if not place else _tick(time), microseconds(bpm))
        if glides and place + 1 < len(marks) and marks[place + 1][1] != bpm:
            lost.add("a tempo that glides: it goes in steps")
            end, last, _ = marks[place + 1]
            count = min(max(round((end - time) / _RAMP_STEP), 1), MOST_CHANGES)
            for step in range(count):
                at, middle = time + (end - time) * step / count, bpm + (last - bpm) * (step + 0.5) / count
                yield midi.TempoChange(_tick(at), microseconds(middle))


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


def microseconds(bpm: float) -> int:
    """How long a quarter lasts, as MIDI says it.

    Raises:
        InputError: It is slower or faster than MIDI can say.
    """
    if not _SLOWEST <= bpm <= _FASTEST:
        raise InputError(f"the tempo is {bpm:g} quarters a minute, outside {_SLOWEST:g} to {_FASTEST:g}")
    return round(60e6 / bpm)


def meter(tick: int, numerator: float, denominator: float) -> midi.TimeSignature | None:
    """A time signature; None where it is none."""
    if not (1 <= numerator <= 255 and denominator in (1, 2, 4, 8, 16, 32, 64)):
        return None
    return midi.TimeSignature(tick, int(numerator), int(denominator))


def _meter(tick: int, element: Element) -> midi.TimeSignature | None:
    above, below = (number(element.get(name), f"a meter's {name}") for name in ("numerator", "denominator"))
    return meter(tick, above, below)
