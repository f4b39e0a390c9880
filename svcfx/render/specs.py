"""Nodes as plain values for keys: what they are, where their knobs stand, and what moves them."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from svcfx import digest
from svcfx.board.spec import is_container, slots_of, sums
from svcfx.errors import BoardError
from svcfx.lanes import Curve
from svcfx.node import frozen, native
from svcfx.node.protocol import Node
from svcfx.render import externals, keys
from svcfx.render.keys import Unkeyable

Curves = Mapping[int, Mapping[str, Curve]]
Repeats = Callable[[native.External], bool]
"""Whether a VST3 repeats itself."""
LOOK_AHEAD_SECONDS = 30.0
"""How far behind the end of its audio a node may read its curves."""
_IMPULSE = "impulse_response_filename"


def of(node: Node | None, curves: Curves, seconds: float, repeats: Repeats) -> Any:
    """A node and all below it as plain values; `curves` by id(node) move it over `seconds`.

    Raises:
        Unkeyable: It is a VST3 that does not repeat itself, or a node of another's that does not say what it
            depends on.
    """
    if node is None:
        return None
    moved = {
        name: keys.within(curve, seconds + LOOK_AHEAD_SECONDS)
        for name, curve in curves.get(id(node), {}).items()
    }
    slots = [(slot.bypassed, of(slot.node, curves, seconds, repeats)) for slot in slots_of(node)]
    return (_itself(node, repeats), moved, slots)


def is_dear(node: Node | None) -> bool:
    """Whether what a node gave is worth keeping: it, or one below it, is played from Python."""
    if node is None or native.runs_natively(node):
        return False
    slots = slots_of(node)
    return not slots or any(is_dear(slot.node) for slot in slots)


def _itself(node: Node, repeats: Repeats) -> Any:
    if native.is_external(node):
        if not repeats(node):
            raise Unkeyable(f"plug-in '{node.name}'", externals.WAYWARD)
        return externals.facts(node)
    if native.is_overridden(node):
        raise Unkeyable(f"a {type(node).__name__}")
    if native.is_container(node) or is_container(node):
        return (_kind(node), sums(node))
    if native.is_plugin(node):
        return _built_in(node)
    facts = getattr(node, "facts", None)
    if facts is None:
        raise Unkeyable(f"a {type(node).__name__}")
    return (_kind(node), facts())


def _built_in(node: native.NativePlugin) -> Any:
    try:
        made = frozen.freeze(node)
    except BoardError as error:
        raise Unkeyable(f"a {type(node).__name__}") from error
    file = made.values.get(_IMPULSE)
    if isinstance(file, str):
        return dataclasses.replace(made, values={**made.values, _IMPULSE: digest.of_file(Path(file))})
    return made


def _kind(node: Node) -> str:
    """The class of a node; of one that is not svcfx's, with a hash of the file that it stands in."""
    kind = type(node)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] in ("svcfx", "pedalboard", "pedalboard_native"):
        return name
    try:
        return f"{name} {digest.of_file(Path(inspect.getfile(kind)))}"
    except (OSError, TypeError) as error:
        raise Unkeyable(f"a {kind.__name__}") from error
