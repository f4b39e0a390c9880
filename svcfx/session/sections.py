"""Sections: the stretches of a song that its markers name, and what changes while they last.

A section goes from its marker to the next one. Inside it an address of a strip has the section's value,
whatever a lane says; over the crossfade, half before the marker and half behind, it goes there in a straight
line.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from svcfx import midi
from svcfx.errors import SessionError, nearest
from svcfx.lanes import Curve, Lane, Seconds, Values
from svcfx.session import contents, fader, grid, parts
from svcfx.session.automation import Lanes
from svcfx.session.model import Session
from svcfx.session.strip_model import MASTER, stem_names
from svcfx.session.timeline import Timeline

if TYPE_CHECKING:
    from svcfx.board import Board

_ANY_RATE = 44_100
Change = tuple[str, str]
"""A strip's name, and an address of it."""
Span = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Section:
    """One stretch of the song. `changes` are values by strip and address.

    `half_in` and `half_out` are halves of its crossfades in seconds, 0 where it begins or ends with the song.
    """

    name: str
    start_seconds: float
    end_seconds: float
    changes: Mapping[Change, float]
    half_in: float = 0.0
    half_out: float = 0.0

    @property
    def said(self) -> str:
        """What changes in it, for a person."""
        return ", ".join(f"{strip}.{address} = {value:g}" for (strip, address), value in self.changes.items())


@dataclass(frozen=True, slots=True)
class Held:
    """A curve, the first of `curves`, that is the second inside of `spans` of seconds."""

    curves: tuple[Curve, Lane]
    spans: tuple[Span, ...]

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        when = np.asarray(seconds, np.float64)
        inside = np.zeros(when.shape, np.bool_)
        for start, end in self.spans:
            inside |= (when >= start) & (when < end)
        free, held = self.curves
        return np.where(inside, held.at(when), free.at(when))

    def shift(self, seconds: float) -> "Held":
        """The same curve, later by `seconds`."""
        free, held = self.curves
        spans = tuple((start + seconds, end + seconds) for start, end in self.spans)
        return Held((free.shift(seconds), held.shift(seconds)), spans)

    @property
    def is_constant(self) -> bool:
        """Whether neither ever moves."""
        return False


def of(session: Session, timeline: Timeline) -> tuple[Section, ...]:
    """The session's sections, in the song's order, each as often as a marker names it.

    Raises:
        SessionError: No marker has the name, or no strip that is named is there.
    """
    if not session.sections:
        return ()
    marks = _marks(timeline)
    models = {midi.fold(name): (name, model) for name, model in session.sections.items()}
    known = {midi.fold(text): text for _, _, text in marks}
    for folded, (name, _) in models.items():
        if folded not in known:
            there = ", ".join(dict.fromkeys(known.values())) or "none"
            raise SessionError(
                f"sections.{name}: no marker of the MIDI file is named so{nearest(name, known.values())}",
                hint=f"its markers: {there}",
            )
    strips = _strips(session)
    changes = {folded: _changes(name, model.changes, strips) for folded, (name, model) in models.items()}
    lengths = [math.inf, *(end - start for start, end, _ in marks), math.inf]
    found = []
    for at, (start, end, text) in enumerate(marks, start=1):
        folded = midi.fold(text)
        if folded in models and end > start:
            name, fade = models[folded][0], models[folded][1].crossfade_seconds
            half_in = min(fade, lengths[at - 1], lengths[at]) / 2 if start > 0 else 0.0
            half_out = min(fade, lengths[at], lengths[at + 1]) / 2 if end < math.inf else 0.0
            found.append(Section(name, start, end, changes[folded], half_in, half_out))
    return tuple(found)


def _strips(session: Session) -> list[str]:
    """The name of every strip, parts of stems and the master too."""
    stems = stem_names(session.stems)
    sung = [
        part for model, name in zip(session.stems, stems, strict=True) for part in parts.names(model, name)
    ]
    return [*stems, *sung, *(bus.name for bus in session.buses), MASTER]


def _marks(timeline: Timeline) -> list[tuple[float, float, str]]:
    """Song seconds from each marker to the next, and its text."""
    marks = grid.markers(timeline)
    ends = [later for (_, _), (later, _) in pairwise(marks)]
    return [(start, end, text) for (start, text), end in zip(marks, [*ends, math.inf], strict=False)]


def _changes(section: str, written: Mapping[str, float], strips: Sequence[str]) -> dict[Change, float]:
    """Values by strip and address; a strip's name may hold dots, and the longest that fits is meant."""
    found: dict[Change, float] = {}
    for address, value in written.items():
        fitting = [name for name in strips if address.startswith(f"{name}.")]
        if not fitting:
            raise SessionError(
                f"sections.{section}: '{address}' names no strip{nearest(address.partition('.')[0], strips)}",
                hint=f"write STRIP.ADDRESS, such as {strips[0]}.gain_db; strips: {', '.join(strips)}",
            )
        strip = max(fitting, key=len)
        if strips.count(strip) > 1:
            raise SessionError(
                f"sections.{section}: '{strip}' is a stem and the master, give the stem a `name`"
            )
        found[strip, address.removeprefix(f"{strip}.")] = value
    return found


def applied(lanes: Lanes, sections: Sequence[Section], strip: str, board: "Board | None") -> Lanes:
    """The lanes of a strip of that name with what sections put in their place; its board stays as it is.

    Raises:
        SessionError: An address leads nowhere, or a value is out of range; the section is named.
    """
    knobs = {} if strip == MASTER else lanes.fader.knobs  # the master has no fader
    turned, of_board = dict(lanes.fader.knobs), dict(lanes.board)
    for address, said in of_strip(sections, strip).items():
        for section, value in said:
            _check(f"sections.{section}", address, value, knobs, board)
        if address in knobs:
            turned[address] = over(knobs[address], sections, strip, address)
        else:
            free = of_board.get(address) or Lane.constant(contents.value(board, address))
            of_board[address] = over(free, sections, strip, address)
    return replace(lanes, board=of_board, fader=lanes.fader.turned(turned))


def _check(key: str, address: str, value: float, knobs: Collection[str], board: "Board | None") -> None:
    """Refuse an address that the strip has not, or a value that it cannot have."""
    if address in knobs:
        fader.refuse_beyond(address, [value], key)
        return
    if "." not in address:
        hint = f"it has {', '.join(knobs) or 'no fader'}, and what is on its board: node.parameter"
        raise SessionError(
            f"{key}: '{address}' is no address of this strip{nearest(address, knobs)}", hint=hint
        )
    fader.refuse_unsent(address, knobs, key)
    contents.check_lanes(board, {address: Lane.constant(value)}, 1, _ANY_RATE, key)


def of_strip(sections: Sequence[Section], strip: str) -> dict[str, list[tuple[str, float]]]:
    """What sections change of a strip: by address each section's name and value."""
    found: dict[str, list[tuple[str, float]]] = {}
    for section in sections:
        for (name, address), value in section.changes.items():
            if name == strip:
                found.setdefault(address, []).append((section.name, value))
    return found


def over(free: Curve, sections: Sequence[Section], strip: str, address: str) -> Curve:
    """What an address of a strip is: `free`, and in its sections what these say."""
    held = [section for section in sections if (strip, address) in section.changes]
    runs = [_run(free, run, (strip, address)) for run in _runs(held)]
    points = tuple(point for _, run in runs for point in run)
    lane = Lane(points, "linear")
    if free.is_constant:  # it is where each run begins and ends
        return lane
    return Held((free, lane), tuple(span for span, _ in runs))


def _runs(sections: Sequence[Section]) -> Iterator[list[Section]]:
    """Sections that follow each other at once, together."""
    run: list[Section] = []
    for section in sections:
        if run and run[-1].end_seconds != section.start_seconds:
            yield run
            run = []
        run.append(section)
    if run:
        yield run


def _run(free: Curve, run: Sequence[Section], change: Change) -> tuple[Span, list[Point]]:
    """Where sections that follow each other begin and end, with crossfades, and the points of their lane."""
    first, last = run[0], run[-1]
    begins, ends = first.start_seconds - first.half_in, last.end_seconds + last.half_out
    points: list[Point] = []
    if first.start_seconds > 0:
        points.append((begins, _value(free, begins)))
    for section, later in zip(run, [*run[1:], None], strict=True):
        value, leaves = section.changes[change], later.half_in if later else last.half_out
        points.append((section.start_seconds + section.half_in, value))
        points.append((section.end_seconds - leaves, value))
    if ends < math.inf:
        points.append((ends, _value(free, ends)))
    else:
        points.pop()  # it never leaves
    return (begins if first.start_seconds > 0 else -math.inf, ends), points


def _value(curve: Curve, seconds: float) -> float:
    return float(curve.at(np.array([seconds]))[0])
