"""From a preset's entries to a board, and from a board to entries."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from svcfx.board import Board, Mix, Slot, spec
from svcfx.errors import PresetError, SvcfxError
from svcfx.node import VoiceConversion, catalog, plugin_state, resting
from svcfx.node.plugin_state import PluginState
from svcfx.node.protocol import ChecksCurves, Node
from svcfx.preset import reach
from svcfx.preset.document import NodeEntry, Preset

CHAINS = ("Board", "Chain", "Pedalboard", "board", "chain", "pedalboard")
MIXES = ("Mix", "mix")
DRY = ("Dry", "dry")
_FILE_PARAMETERS = ("impulse_response_filename",)


def board(preset: Preset, allow_plugins: Sequence[Path] = (), device: str = "") -> Board:
    """A fresh board of a preset's nodes, its voices on `device` where one is named.

    Raises:
        PresetError: A node or parameter is unknown, or a value out of range; file, key path and nearest.
    """
    made = Board(_slots(preset, preset.nodes, "nodes", tuple(allow_plugins)))
    for node in spec.tree(made) if device else ():
        if isinstance(node, VoiceConversion):
            node.device = device
    return made


def _slots(preset: Preset, entries: Sequence[NodeEntry], key: str, allowed: tuple[Path, ...]) -> list[Slot]:
    return [slot(preset, entry, f"{key}[{index}]", allowed) for index, entry in enumerate(entries, 1)]


def slot(preset: Preset, entry: NodeEntry, key: str, allowed: tuple[Path, ...]) -> Slot:
    """One node of a preset at the key path `key`; raises as `board` does."""
    try:
        if entry.node in (*CHAINS, *MIXES, *DRY):
            return _container(preset, entry, key, allowed)
        if entry.nodes is not None:
            raise PresetError(f"{entry.node} holds no nodes", hint="Chain and Mix do")
        return Slot(_leaf(preset, entry, allowed), entry.name, entry.bypassed)
    except PresetError as error:
        if error.message.startswith("preset '"):
            raise
        raise PresetError(f"preset '{preset.path}': {key}: {error.message}", hint=error.hint) from error
    except SvcfxError as error:
        raise PresetError(f"preset '{preset.path}': {key}: {error.message}", hint=error.hint) from error


def _container(preset: Preset, entry: NodeEntry, key: str, allowed: tuple[Path, ...]) -> Slot:
    if entry.parameters:
        raise PresetError(f"{entry.node} has no parameter '{next(iter(entry.parameters))}'")
    if entry.node in DRY:
        return Slot(None, entry.name, entry.bypassed)
    inner = _slots(preset, entry.nodes or (), f"{key}.nodes", allowed)
    made = Mix(inner) if entry.node in MIXES else Board(inner)
    return Slot(made, entry.name or entry.node.lower(), entry.bypassed)


def _leaf(preset: Preset, entry: NodeEntry, allowed: tuple[Path, ...]) -> Node:
    parameters = entry.parameters
    for name in _FILE_PARAMETERS:
        if name in parameters:
            parameters[name] = str(reach.inside(preset, str(parameters[name]), name))
    file = None if entry.file is None else reach.plugin_file(reach.document_of(preset), entry.file, allowed)
    state = _state(preset, entry)
    given = state and state.known_by
    asked = repr((entry.node, file, sorted(parameters.items()), given))
    node = resting.opened(asked, lambda: _made(entry, file, parameters, state))
    if isinstance(node, ChecksCurves):
        node.check_curves({}, 0.0)
    return node


def _made(
    entry: NodeEntry, file: Path | None, parameters: Mapping[str, Any], state: PluginState | None
) -> Node:
    if file is not None:
        return catalog.make_external(file, parameters, state)
    return catalog.make(entry.node, parameters, state)


def _state(preset: Preset, entry: NodeEntry) -> PluginState | None:
    for key in ("state", "plugin_identifier", "plugin_version"):
        if getattr(entry, key) is not None and catalog.class_named(entry.node):
            raise PresetError(f"{entry.node} has no '{key}', a VST3 has")
    if entry.state is None:
        return None
    if plugin_state.is_file(entry.state):
        return plugin_state.read(reach.inside(preset, entry.state, "state"), entry.state)
    try:
        data = base64.b64decode(entry.state, validate=True)
    except ValueError as error:
        raise PresetError("state is no base64, and no .vstpreset file") from error
    return plugin_state.raw(data, entry.plugin_identifier or "", entry.plugin_version or "")
