"""Presets as TOML text: made anew from a board, or edited with comments kept."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit

from svcfx.board import Board, Slot
from svcfx.board.spec import is_container, slots_of, sums
from svcfx.errors import PresetError
from svcfx.node import frozen, native, plugins
from svcfx.node.native import NativePlugin
from svcfx.node.protocol import Node, Storable
from svcfx.preset.document import NodeEntry, Preset, parse


def from_board(board: Board, name: str, description: str = "") -> Preset:
    """A preset of a board as it stands now.

    Raises:
        BoardError, PresetError: A node cannot be written to a file.
    """
    entries = tuple(_entry(slot) for slot in board.slots)
    return Preset(svcfx_preset=1, name=name, description=description, nodes=entries)


def edited(preset: Preset, changes: dict[str, Any]) -> Preset:
    """A preset with values of its own file changed by key path (`nodes[2].ratio`); comments are kept."""
    tree = tomlkit.parse(preset.text or to_toml(preset))
    for key, value in changes.items():
        *path, last = key.replace("]", "").replace("[", ".").split(".")
        table: Any = tree
        try:
            for step in path:
                table = table[int(step) - 1] if step.isdigit() else table[step]
        except (KeyError, IndexError) as error:
            raise PresetError(f"'{key}' is no key of the preset '{preset.name}'") from error
        table[last] = value
    return parse(tomlkit.dumps(tree), preset.path or Path(f"{preset.name}.toml"))


def to_toml(preset: Preset) -> str:
    """TOML text of a preset that was made in Python."""
    tree = tomlkit.document()
    for key, value in preset.model_dump(exclude_none=True, exclude_defaults=True).items():
        if key not in ("nodes", "extends"):
            tree[key] = value
    tree["svcfx_preset"] = 1
    nodes = tomlkit.aot()
    for entry in preset.nodes:
        nodes.append(_table(entry))
    tree["nodes"] = nodes
    return tomlkit.dumps(tree)


def _table(entry: NodeEntry) -> Any:
    table = tomlkit.table()
    for key, value in entry.model_dump(exclude_none=True, exclude_defaults=True).items():
        if key != "nodes":
            table[key] = value
    if entry.nodes is not None:
        inner = tomlkit.aot()
        for child in entry.nodes:
            inner.append(_table(child))
        table["nodes"] = inner
    return table


def _entry(slot: Slot) -> NodeEntry:
    common: dict[str, Any] = {"name": slot.name} if slot.name else {}
    if slot.bypassed:
        common["bypassed"] = True
    return NodeEntry(**_described(slot.node), **common)


def _described(node: Node | None) -> dict[str, Any]:
    if node is None:
        return {"node": "Dry"}
    if native.is_container(node) or is_container(node):
        kind = "Mix" if sums(node) else "Chain"
        return {"node": kind, "nodes": tuple(_entry(slot) for slot in slots_of(node))}
    if native.is_plugin(node):
        return _native(node)
    if not isinstance(node, Storable):
        raise PresetError(f"a {type(node).__name__} cannot be saved: it has no to_dict()")
    return {key: shortest(value) for key, value in node.to_dict().items()}


def _native(node: NativePlugin) -> dict[str, Any]:
    kept = frozen.freeze(node)
    if native.is_external(node):
        state = base64.b64encode(kept.values["state"]).decode("ascii")
        given = {"state": state, "plugin_identifier": str(node.identifier)}
        given |= {"plugin_version": str(node.version)} if node.version else {}
        if Path(kept.values["path"]) in plugins.installed():
            return {"node": node.identifier, **given}
        return {"node": "VST3", "file": kept.values["path"], **given}
    if any(isinstance(value, np.ndarray) for value in kept.values.values()):
        raise PresetError(
            f"a {kept.kind} made from an array cannot be saved: a preset holds no audio",
            hint="make it from a file: Convolution('room.wav')",
        )
    return {"node": kept.kind, **{key: shortest(value) for key, value in kept.values.items()}}


def shortest(value: Any) -> Any:
    """A number in its shortest text that reads back as the same 32-bit float: 0.33, not 0.33000001311."""
    if isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value
