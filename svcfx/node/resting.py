"""Plug-ins that were opened to be looked at: whoever asks for the same next gets it. Some open for minutes.

One that has played is never given back: what plays begins as fresh as it was opened.
"""

import weakref
from collections.abc import Callable, Iterable

from svcfx.node import native
from svcfx.node.protocol import Node

_asked: weakref.WeakKeyDictionary[Node, tuple[str, Callable[[], Node]]] = weakref.WeakKeyDictionary()
_resting: dict[str, list[Node]] = {}


def opened(named: str, make: Callable[[], Node]) -> Node:
    """The node that is `named` by file, state and parameters: one that rests, or what `make` gives."""
    if resting := _resting.get(named):
        return resting.pop()
    node = make()
    if native.is_external(node):
        _asked[node] = named, make
    return node


def asked(node: Node) -> str:
    """What a VST3 was opened by; "" where `opened` did not give it."""
    return _asked[node][0] if node in _asked else ""


def another(node: Node) -> Node:
    """One like a VST3 that `opened` gave, fresh, and nobody else's."""
    return _asked[node][1]()


def give_back(nodes: Iterable[Node | None]) -> None:
    """Let those that `opened` gave rest; they were looked at, nothing was played and no parameter moved."""
    for node in nodes:
        if native.is_external(node) and node in _asked:
            _resting.setdefault(asked(node), []).append(node)
