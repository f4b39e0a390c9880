"""A preset with other values for some of its parameters, named by board address."""

from collections.abc import Mapping, Sequence
from typing import Any

from svcfx.board import Board, Slot, address, spec
from svcfx.errors import PresetError
from svcfx.preset.document import NodeEntry, Preset
from svcfx.preset.store import VOICES

_SWITCHED = "bypassed"
_NO_PARAMETERS = frozenset(NodeEntry.model_fields) - {_SWITCHED}


def changed(preset: Preset, board: Board, values: Mapping[str, Any]) -> Preset:
    """`preset` with values in place of its own, by address; `reverb.bypassed` switches a node.

    The values themselves are checked where the preset is built.

    Args:
        preset: With `extends` worked in.
        board: One that was built of it, in which addresses are looked up.
        values: Values by address, such as `{"voice.formant_semitones": 2.0}`.

    Raises:
        ParamError: An address leads nowhere; the nearest is named.
        PresetError: It names what is no parameter, such as the file of a plug-in.
    """
    entries = preset.nodes
    for where, value in values.items():
        node, parameter = address.find(board.slots, where)
        if parameter in _NO_PARAMETERS:
            raise PresetError(f"'{where}' is no parameter", hint="what a node is, its preset says")
        if parameter == _SWITCHED and not isinstance(value, bool):
            raise PresetError(f"{where} is {value!r}, allowed are true and false")
        entries = _with(entries, board.slots, node, {parameter: value})
    return preset.model_copy(update={"nodes": entries})


def _with(
    entries: Sequence[NodeEntry], slots: Sequence[Slot], node: Any, values: Mapping[str, Any]
) -> tuple[NodeEntry, ...]:
    """The entries with `values` in the one that `node` was made of; entries and slots are one tree."""
    made = []
    for entry, slot in zip(entries, slots, strict=True):
        if slot.node is node:
            forgotten = {"voice_sha256": None} if entry.node in VOICES and "voice" in values else {}
            entry = entry.model_copy(update={**values, **forgotten})
        elif entry.nodes is not None:
            inner = _with(entry.nodes, spec.slots_of(slot.node), node, values)
            entry = entry.model_copy(update={"nodes": inner})
        made.append(entry)
    return tuple(made)
