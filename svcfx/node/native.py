"""What pedalboard's own plugins are to us: which objects are native, what they hold, how they are named.

pedalboard calls its plugins in C++ and never looks at Python overrides, so an object counts as native
only while nobody has overridden its `process` or `__call__` in Python.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol, TypeGuard

import pedalboard

from svcfx.node.protocol import Node

NativePlugin = pedalboard.Plugin
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class External(Node, Protocol):
    """A VST3 (or Audio Unit); pedalboard's own types leave out what one tells of itself."""

    name: str
    identifier: str
    version: str | None
    raw_state: bytes

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Its knobs by their Python names."""
        ...


def is_plugin(node: object) -> TypeGuard[NativePlugin]:
    """Whether `node` is a pedalboard plugin, overridden in Python or not."""
    return isinstance(node, pedalboard.Plugin)


def is_overridden(node: object) -> bool:
    """Whether a Python subclass replaced the processing of a native plugin.

    Inside a native board such an override is ignored in silence, so it has to be called from Python.
    """
    if not is_plugin(node):
        return False
    for cls in type(node).__mro__:
        if cls.__module__.split(".")[0] in ("pedalboard", "pedalboard_native"):
            return False
        if "process" in vars(cls) or "__call__" in vars(cls):
            return True
    return False


def is_container(node: object) -> TypeGuard[pedalboard.PluginContainer]:
    """Whether `node` is a native Chain, Mix or Pedalboard."""
    return isinstance(node, pedalboard.PluginContainer)


def is_mix(node: object) -> TypeGuard[pedalboard.Mix]:
    """Whether `node` is a native Mix, which adds up what its branches give."""
    return isinstance(node, pedalboard.Mix)


def is_external(node: object) -> TypeGuard[External]:
    """Whether `node` is a VST3 (or Audio Unit)."""
    return isinstance(node, pedalboard.ExternalPlugin)


def children(node: object) -> Sequence[NativePlugin | None]:
    """The direct children of a native container, `None` among them where a slot is empty."""
    return list(node) if isinstance(node, pedalboard.PluginContainer) else []


def runs_natively(node: object) -> bool:
    """Whether `node` and all that it holds can be handed to one native board."""
    if node is None:
        return True
    if not is_plugin(node) or is_overridden(node):
        return False
    return all(runs_natively(child) for child in children(node))


def name_of(node: object) -> str:
    """The name a node has in addresses: `compressor`, `pitch_shift`, or a VST3's own name in lower case."""
    if is_external(node):
        return re.sub(r"[^a-z0-9]+", "_", str(node.name).lower()).strip("_")
    return snake(type(node).__name__)


@cache
def snake(name: str) -> str:
    """`GSMFullRateCompressor` becomes `gsm_full_rate_compressor`."""
    return _SNAKE.sub("_", name).lower()
