"""What can be turned on a strip: each node of its board, its parameters, where they stand and what they need.

Values are put in place of the preset's by a stem's `set`, under the addresses that are given here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from svcfx.chain import knobs
from svcfx.lanes import Curve
from svcfx.session import automation, fader
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.session.thinned import thinned
from svcfx.session.timeline import Timeline

if TYPE_CHECKING:
    from svcfx.board import Board, Slot
    from svcfx.node import VoiceConversion

Kind = Literal["number", "whole", "choice", "flag", "text"]
_BENT = 12.0
"""Semitones to both sides that a bend is drawn in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One parameter of a node.

    Attributes:
        address: Where `set` and lanes find it.
        kind: "number" and "whole" go from `low` to `high` in `unit`, where these are known.
        value: Where it stands; default: where it would rest, None where nobody says.
        choices: Of a choice.
        lacks: Why this voice cannot move it, "" where it can.
    """

    address: str
    name: str
    kind: Kind
    value: bool | int | float | str | None
    default: bool | int | float | str | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    help: str = ""
    section: str = ""
    choices: tuple[str, ...] = ()
    lacks: str = ""
    automatable: bool = False


@dataclass(frozen=True, slots=True)
class NodePanel:
    """A node of a board by its address; `voice` is its singer where it sings, else ""."""

    address: str
    kind: str
    bypassed: bool
    voice: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a lane of a strip can move: its address, the range it is drawn in, and where it stands.

    Attributes:
        whole: Whether it goes by whole numbers; `choices` are what they mean, from 0, where it is a choice.
    """

    address: str
    low: float | None
    high: float | None
    unit: str
    value: float
    whole: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """What MIDI plays of an address, by `source` ("CC 10 of lead"), as the lane that could be drawn instead.

    Attributes:
        lane: What `automation` of a session would hold in its place.
        tolerance: How far that is from what MIDI plays, at most; 0 where it is the same.
        is_replaced: Whether a lane of the session's does stand in its place.
    """

    address: str
    source: str
    lane: Mapping[str, Any]
    tolerance: float
    is_replaced: bool


def played(strip: Strip, timeline: Timeline) -> tuple[Played, ...]:
    """Everything of `strip` that MIDI moves."""
    return tuple(_of_midi(address, one, timeline) for address, one in strip.lanes.played.items())


def _of_midi(address: str, one: automation.Played, timeline: Timeline) -> Played:
    what = {"bend": "the wheel", "notes": "the notes"}.get(str(one.what), f"CC {one.what}")
    source = f"{what} of {one.track}"
    few = thinned(one.lane, one.step) if one.step else one.lane
    lane = {
        "points": [[round(timeline.bar_of(at), 6), round(value, 6)] for at, value in few.points],
        "unit": "bars",
        "interpolation": few.interpolation,
        "smooth_ms": few.smooth_ms,
        "replaces_midi": True,
    }
    return Played(address, source, lane, 0.0 if few == one.lane else one.step, one.is_replaced)


def targets(strip: Strip, nodes: Sequence[NodePanel]) -> tuple[Target, ...]:
    """Everything that a lane of `strip` can move: its fader, its sends, its bend, and knobs of `nodes`, its
    board."""
    knobs = {} if strip.role == MASTER else strip.lanes.fader.knobs
    found = [_of_fader(address, curve) for address, curve in knobs.items()]
    if strip.clip is not None and strip.voices:
        found.append(Target(automation.BEND, -_BENT, _BENT, "st", 0.0))
    controls = (control for node in nodes for control in node.controls)
    found += [_of_control(one) for one in controls if one.automatable and not one.lacks]
    return tuple(found)


def _of_control(control: Control) -> Target:
    from svcfx.node import choices

    names = choices.SWITCH if control.kind == "flag" else control.choices
    if names:
        at = int(control.value) if isinstance(control.value, bool) else names.index(str(control.value))
        return Target(control.address, 0.0, len(names) - 1.0, "", float(at), True, names)
    value = 0.0 if control.value is None else float(control.value)
    is_whole = control.kind == "whole"
    return Target(control.address, control.low, control.high, control.unit, value, is_whole)


def _of_fader(address: str, curve: Curve) -> Target:
    low, high, _ = fader.played(address) or (None, None, None)
    unit = "dB" if address.endswith("gain_db") else ""
    return Target(address, low, high, unit, float(curve.at(np.zeros(1))[0]))


def of(strip: Strip) -> tuple[NodePanel, ...]:
    """The nodes of a strip's board, in order; none without a preset.

    Raises:
        PresetError: A node cannot be built.
    """
    if strip.preset is None:
        return ()
    from svcfx.board import address

    board: Board = strip.preset.build()
    names = address.addresses(board.slots)
    slots = [slot for slot in _slots(board.slots) if slot.node is not None]
    return tuple(_node(name, slot) for name, slot in zip(names, slots, strict=True))


def _slots(slots: "Iterable[Slot]") -> "Iterator[Slot]":
    from svcfx.board import spec

    for slot in slots:
        yield slot
        yield from _slots(spec.slots_of(slot.node))


def _node(name: str, slot: "Slot") -> NodePanel:
    from svcfx.node import VoiceConversion

    node = slot.node
    if isinstance(node, VoiceConversion):
        controls = tuple(_of_voice(name, node, row) for row in knobs.TABLE)
        return NodePanel(name, "VoiceConversion", slot.bypassed, node.voice, controls)
    return NodePanel(name, _kind(node), slot.bypassed, "", tuple(_of_node(name, node)))


def _of_voice(name: str, node: "VoiceConversion", row: knobs.Row) -> Control:
    kinds: dict[str, Kind] = {"flag": "flag", "whole": "whole", "text": "text", "number": "number"}
    if isinstance(row, knobs.Switch):
        kind, low, high, unit = kinds[row.kind], row.low, row.high, row.unit
    elif isinstance(row, knobs.Choice):
        kind, low, high, unit = "choice", None, None, ""
    else:
        kind, low, high, unit = "whole" if row.whole else "number", row.low, row.high, row.unit
    ranged = kind in ("number", "whole")
    return Control(
        address=f"{name}.{row.name}",
        name=row.name,
        kind=kind,
        value=getattr(node, row.name),
        default=node.resting(row.name),
        low=low if ranged else None,
        high=high if ranged else None,
        unit="" if unit == "ratio" else unit,
        help=row.help,
        section=row.section,
        choices=row.choices if isinstance(row, knobs.Choice) else (),
        lacks=node.cannot_move(row.name),
        automatable=row.name in knobs.MOVABLE,
    )


def _of_node(name: str, node: Any) -> Iterator[Control]:
    from svcfx.node import choices, knob_ranges

    for parameter, span in knob_ranges.ranges_of(node).items():
        yield Control(
            address=f"{name}.{parameter}",
            name=parameter,
            kind="number",
            value=float(getattr(node, parameter)),
            low=span.low,
            high=span.high,
            unit=span.unit,
            automatable=True,
        )
    for parameter, names in choices.of(node).items():
        now, is_switch = choices.name_at(node, parameter), names == choices.SWITCH
        yield Control(
            address=f"{name}.{parameter}",
            name=parameter,
            kind="flag" if is_switch else "choice",
            value=now == names[1] if is_switch else now,
            choices=() if is_switch else names,
            automatable=True,
        )
    for switch in getattr(node, "SWITCHES", ()):  # a text, of what is ours and no voice
        yield Control(address=f"{name}.{switch}", name=switch, kind="text", value=str(getattr(node, switch)))


def _kind(node: Any) -> str:
    from svcfx.node import native

    return str(node.name) if native.is_external(node) else type(node).__name__
