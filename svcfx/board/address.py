"""Addresses of parameters in a board: `compressor.threshold_db`, `gain[2].gain_db`, `mix.voice.mix`.

An address is names joined by dots; the last is a parameter, those before it lead to a node. A node's name
is the one its slot was given, else `voice` for `VoiceConversion`, else its class in snake case; a VST3
has its own name in lower case. The first name is looked for in the whole tree, depth first, containers
included; each further name below the node found so far. `name[2]` is the second of that name in this
order, counted from 1; without a number it is the first.
"""

import re
from collections.abc import Iterable, Iterator

from svcfx.board.spec import Slot, slots_of
from svcfx.errors import ParamError, nearest
from svcfx.node.protocol import Node

_STEP = re.compile(r"^(?P<name>[^\[\].]+)(\[(?P<count>[0-9]+)\])?$")


def find(slots: Iterable[Slot], address: str) -> tuple[Node, str]:
    """The node and the parameter's name at `address`; whether the node has it is not looked at.

    Raises:
        ParamError: No node has that name; the nearest is named.
    """
    *path, parameter = address.split(".") if isinstance(address, str) else [""]
    if not path or not parameter:
        raise ParamError(f"'{address}' is no address", hint="write node.parameter, such as gain.gain_db")
    slot = Slot(None)
    below = list(slots)
    for step in path:
        slot = _named_slot(list(_walk(below)), step, address)
        below = list(slots_of(slot.node))
    assert slot.node is not None
    return slot.node, parameter


def addresses(slots: Iterable[Slot]) -> list[str]:
    """The address of every node, without parameters: `compressor`, `gain`, `gain[2]`."""
    counts: dict[str, int] = {}
    found = []
    for slot in _walk(slots):
        counts[slot.called] = counts.get(slot.called, 0) + 1
        found.append(slot.called + (f"[{counts[slot.called]}]" if counts[slot.called] > 1 else ""))
    return found


def slot_index(slots: list[Slot], which: int | str) -> int:
    """The index of a slot given by index or by name with a count."""
    if isinstance(which, int):
        return range(len(slots))[which]
    return next(i for i, slot in enumerate(slots) if slot is _named_slot(slots, which, which))


def _walk(slots: Iterable[Slot]) -> Iterator[Slot]:
    for slot in slots:
        if slot.node is not None:
            yield slot
            yield from _walk(slots_of(slot.node))


def _named_slot(slots: list[Slot], step: str, address: str) -> Slot:
    parsed = _STEP.match(step)
    if not parsed:
        raise ParamError(f"'{address}' is no address", hint="write name.parameter or name[2].parameter")
    name, count = parsed["name"], int(parsed["count"] or 1)
    same = [slot for slot in slots if slot.node is not None and slot.called == name]
    if 1 <= count <= len(same):
        return same[count - 1]
    if same:
        raise ParamError(f"'{address}' asks for {name}[{count}], there are {len(same)}, counted from 1")
    names = [slot.called for slot in slots if slot.node is not None]
    have = ", ".join(dict.fromkeys(names)) or "none"
    raise ParamError(
        f"'{address}': no node is called '{name}'{nearest(name, names)}", hint=f"nodes here: {have}"
    )
