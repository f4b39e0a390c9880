"""Native plugins as plain data, because pedalboard's objects neither copy nor pickle.

A built-in is its class and its attributes; a VST3 its file, its own name in it and its state.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pedalboard

from svcfx.errors import BoardError
from svcfx.node import native, plugins

_NOT_STATE = frozenset({"is_effect", "is_instrument", "impulse_response"})
_RUN_IN_FRAMES, _RUN_IN_RATE = 512, 44_100


@dataclass(frozen=True, slots=True)
class Frozen:
    """A native plugin that can be made again by `thaw`."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    children: tuple[Any, ...] = ()


def freeze(node: Any) -> Any:
    """A `Frozen` for a native plugin; any other node is returned as it is.

    Raises:
        BoardError: The plugin cannot be made again from what it tells.
    """
    if not native.is_plugin(node):
        return node
    if native.is_external(node):
        return _freeze_external(node)
    kind = type(node).__name__
    if getattr(pedalboard, kind, None) is not type(node):
        raise BoardError(f"a {kind} cannot be copied: it is no class of pedalboard's own")
    if native.is_container(node):
        return Frozen(kind, {}, tuple(freeze(child) for child in native.children(node)))
    return Frozen(kind, _values(node))


def thaw(node: Any) -> Any:
    """The plugin that a `Frozen` describes; any other node is returned as it is."""
    if not isinstance(node, Frozen):
        return node
    if node.kind == "external":
        plugin = plugins.load(node.values["path"], node.values["name"])
        plugin.raw_state = node.values["state"]
        return plugin
    make = getattr(pedalboard, node.kind)
    if issubclass(make, pedalboard.PluginContainer):
        return make([thaw(child) for child in node.children])
    return make(**{name: _chosen(make, name, value) for name, value in node.values.items()})


def attributes(kind: type) -> list[str]:
    """The settable attributes of a built-in class."""
    names = [name for name in dir(kind) if isinstance(getattr(kind, name), property)]
    return [name for name in names if name not in _NOT_STATE]


def _values(node: Any) -> dict[str, Any]:
    values = {name: getattr(node, name) for name in attributes(type(node))}
    if "impulse_response_filename" in values and not values["impulse_response_filename"]:
        return values | _impulse(node)
    return {name: _plain(value) for name, value in values.items()}


def _impulse(node: Any) -> dict[str, Any]:
    """The array that a Convolution was made from; only its representation gives the rate back."""
    rate = re.search(r" at ([0-9.e+]+) Hz>", repr(node))
    if rate is None:
        raise BoardError(
            "this Convolution cannot be copied: it does not give its rate back",
            hint="make it from a file: Convolution('room.wav')",
        )
    return {"impulse_response_filename": np.array(node.impulse_response), "sample_rate": float(rate[1])}


def _chosen(make: type, name: str, value: Any) -> Any:
    return choices(make, name).get(value, value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Enums by their names: pybind's enums do not pickle across classes."""
    return value.name if hasattr(value, "name") and hasattr(type(value), "__members__") else value


def choices(make: type, name: str) -> dict[str, Any]:
    """The values of an enum attribute by name (`LadderFilter.mode`: "LPF12", ...), else none."""
    for owner in (make, pedalboard.Resample):  # the GSM codec borrows the qualities of Resample
        for label, nested in vars(owner).items():
            if label.lower() == name and hasattr(nested, "__members__"):
                return dict(nested.__members__)
    return {}


def _freeze_external(node: Any) -> Frozen:
    """A VST3 tells its new state only after it has processed something: it is given a little silence."""
    for channels in (2, 1):
        try:
            node.process(np.zeros((channels, _RUN_IN_FRAMES), np.float32), _RUN_IN_RATE, reset=False)
            break
        except ValueError:  # this plugin takes another number of channels
            continue
    path = str(plugins.path_of(node))
    return Frozen("external", {"path": path, "name": str(node.name), "state": bytes(node.raw_state)})
