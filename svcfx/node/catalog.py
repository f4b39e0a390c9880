"""Every node that can be named in a file: names, parameters, and how one is made.

A built-in is named by its class or in snake case (`Compressor`, `compressor`), ours likewise (`voice` too),
a VST3 by its identifier or its own name. Importing this loads neither torch nor pedalboard.
"""

import math
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcfx.errors import ParamError, PresetError, SvcfxError, nearest

if TYPE_CHECKING:
    from svcfx.node.native import External
    from svcfx.node.plugin_state import PluginState
    from svcfx.node.protocol import Node

OWN = {
    "VoiceConversion": "svcfx.node.voice",
    "Formant": "svcfx.node.formant",
    "Retune": "svcfx.node.retune",
}
_ALSO_CALLED = {"voice": "VoiceConversion"}
_NOT_NODES = frozenset(
    "AudioUnitPlugin Chain ExternalPlugin IIRFilter Mix Pedalboard Plugin PluginContainer VST3Plugin".split()  # noqa: SIM905
)


@cache
def built_in() -> Mapping[str, type]:
    """pedalboard's effects by class name."""
    pedalboard = import_module("pedalboard")
    found = {name: getattr(pedalboard, name) for name in dir(pedalboard) if not name.startswith("_")}
    return {
        name: kind
        for name, kind in found.items()
        if isinstance(kind, type) and issubclass(kind, pedalboard.Plugin) and name not in _NOT_NODES
    }


def known() -> list[str]:
    """Class names of all nodes but VST3s, ours first."""
    return [*OWN, *sorted(built_in())]


def class_named(name: str) -> str:
    """The class behind a name in either form, or "" when it is none of ours or pedalboard's."""
    from svcfx.node.native import snake

    if name in _ALSO_CALLED:
        return _ALSO_CALLED[name]
    for kind in (*OWN, *built_in()):
        if name in (kind, snake(kind)):
            return kind
    return ""


def add(name: str, module: str) -> None:
    """Let files name a node of yours: the class `name` of a module, imported when it is first made.

    Raises:
        ParamError: Another node has that name.
    """
    taken = class_named(name)
    if taken and OWN.get(name) != module:
        raise ParamError(f"a node is called '{taken}' already", hint=f"call that of {module} otherwise")
    OWN[name] = module


def make(name: str, parameters: Mapping[str, Any], state: "PluginState | None" = None) -> "Node":
    """Make a node of ours, a built-in, or an installed VST3 in its `state`, with its parameters checked.

    Raises:
        PresetError: No node has that name; the nearest is given.
        ParamError: A parameter is unknown (nearest given), of the wrong type, or out of range.
        VoiceError: The voice that a node names is unknown.
    """
    kind = class_named(name)
    if kind in OWN:
        return _make_own(kind, parameters)
    if kind:
        return _make_built_in(kind, parameters)
    from svcfx.node import plugins

    try:
        plugin = plugins.find(name)
    except PresetError as error:
        if name.startswith("VST3-") or name in plugins.names():
            raise
        near = nearest(name, [*known(), *plugins.names()])
        raise PresetError(f"no node is called '{name}'{near}", hint=error.hint if not near else "") from error
    return restored(plugin, parameters, state)


def make_external(
    file: Path, parameters: Mapping[str, Any], state: "PluginState | None" = None
) -> "External":
    """Open a VST3 from its file, restore its state, then set parameters."""
    from svcfx.node import plugins

    return restored(plugins.load(file), parameters, state)


def restored(plugin: "External", parameters: Mapping[str, Any], state: "PluginState | None") -> "External":
    """An open VST3, its state restored, then its parameters set."""
    if state is not None:
        from svcfx.node import plugin_state

        plugin_state.restore(plugin, state)
    set_external(plugin, parameters)
    return plugin


def set_external(plugin: "External", parameters: Mapping[str, Any]) -> None:
    """Set parameters of a VST3 by their Python names."""
    from svcfx.node import plugins

    have = plugin.parameters
    for name, value in parameters.items():
        if name not in have:
            near = nearest(name, have)
            raise ParamError(
                f"{plugin.name} has no parameter '{name}'{near}", hint=f"it has {', '.join(have)}"
            )
        try:
            plugins.put(plugin, name, value)
        except (ValueError, TypeError, AttributeError) as error:
            raise ParamError(f"{name} is {value!r}: {str(error).rstrip('.')}") from error


def _make_own(kind: str, parameters: Mapping[str, Any]) -> "Node":
    try:
        made: Node = getattr(import_module(OWN[kind]), kind)(**parameters)
        return made
    except SvcfxError:
        raise
    except TypeError as error:
        raise ParamError(f"{kind}: {error}") from error


def _make_built_in(kind: str, parameters: Mapping[str, Any]) -> "Node":
    from svcfx.node import frozen

    made = built_in()[kind]
    allowed = frozen.attributes(made)
    checked = {name: _check_built_in(made, name, value, allowed) for name, value in parameters.items()}
    try:
        node: Node = made(**checked)
        return node
    except (TypeError, ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise ParamError(f"{kind}: {first}") from error


def _check_built_in(made: type, name: str, value: Any, allowed: list[str]) -> Any:
    from svcfx.node import frozen, knob_ranges

    kind = made.__name__
    if name not in allowed:
        have = ", ".join(allowed) or "none"
        raise ParamError(f"{kind} has no parameter '{name}'{nearest(name, allowed)}", hint=f"it has {have}")
    limits = knob_ranges.BUILT_IN.get(kind, {}).get(name)
    if limits is None:
        return _check_choice(name, value, frozen.choices(made, name))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParamError(f"{name} is {value!r}, must be a number from {limits.span}")
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf if value > 0 else -math.inf
    if not limits.low <= number <= limits.high:  # nan is in no range
        raise ParamError(f"{name} is {number:g}, outside {limits.span}")
    return number


def _check_choice(name: str, value: Any, choices: Mapping[str, Any]) -> Any:
    if not choices:
        return value
    if value not in choices:
        near = nearest(str(value), choices)
        raise ParamError(f"{name} is {value!r}, allowed are {', '.join(choices)}{near}")
    return choices[value]
