"""Parameters of native plugins that are no numbers, and what a lane's number means there.

A choice counts its names from 0, a switch is off at 0 and on at 1; between two, the nearer one holds.
"""

from typing import Any

from svcfx.errors import ParamError, nearest
from svcfx.node import frozen, native, plugins

SWITCH = ("off", "on")


def names_of(node: Any, parameter: str) -> tuple[str, ...]:
    """The names of a choice or a switch, in order; none of a number."""
    if native.is_external(node):
        knob = node.parameters.get(parameter)
        if knob is None or knob.type is float:
            return ()
        return SWITCH if knob.type is bool else tuple(map(str, knob.valid_values))
    if not native.is_plugin(node) or native.is_container(node):
        return ()
    if parameter not in frozen.attributes(type(node)):
        return ()
    return SWITCH if isinstance(getattr(node, parameter), bool) else tuple(_enum(node, parameter))


def of(node: Any) -> dict[str, tuple[str, ...]]:
    """Every choice and switch of a native plugin that a lane can move, with its names."""
    if native.is_external(node):
        parameters = [name for name, knob in node.parameters.items() if getattr(knob, "is_automatable", True)]
    elif native.is_plugin(node) and not native.is_container(node):
        parameters = frozen.attributes(type(node))
    else:
        parameters = []
    found = {name: names_of(node, name) for name in parameters}
    return {name: names for name, names in found.items() if len(names) > 1}


def name_at(node: Any, parameter: str) -> str:
    """The name that a choice stands at, or of a switch."""
    value = getattr(node, parameter)
    if names_of(node, parameter) == SWITCH:
        return SWITCH[bool(value)]
    return str(value) if native.is_external(node) else str(value.name)


def number_of(address: str, name: object, names: tuple[str, ...]) -> float:
    """The number of a name, or of `True` and `False`.

    Raises:
        ParamError: There is no such name; the nearest is named.
    """
    if isinstance(name, bool) and names == SWITCH:
        return float(name)
    if name not in names:
        raise ParamError(
            f"the lane '{address}' names {name!r}{nearest(str(name), names)}",
            hint=f"names: {', '.join(names)}",
        )
    return float(names.index(str(name)))


def put(node: Any, parameter: str, value: Any) -> None:
    """Set a parameter; a number that means a choice or a switch as what it means."""
    names = names_of(node, parameter) if isinstance(value, float) else ()
    if names == SWITCH:
        value = value >= 0.5
    elif names:
        name = names[min(max(round(value), 0), len(names) - 1)]
        value = name if native.is_external(node) else _enum(node, parameter)[name]
    if native.is_external(node):
        plugins.put(node, parameter, value)
    else:
        setattr(node, parameter, value)


def _enum(node: Any, parameter: str) -> dict[str, Any]:
    return frozen.choices(type(node), parameter)
