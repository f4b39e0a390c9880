"""Plug-ins that were opened to be looked at: whoever asks for the same next gets it. Some open for minutes.

One that has played is never given back: what plays begins as fresh as it was opened.
"""

import weakref
from collections.abc import Callable, Iterable

from svcfx.node import native
from svcfx.node.protocol import Node

_asked: weakref.WeakKeyDictionary[Node, str] = weakref.WeakKeyDictionary()
_resting: dict[str, list[Node]] = {}


def opened(asked: str, make: Callable[[], Node]) -> Node:
    """The node that `asked` describes, file, state and parameters: one that rests, or what `make` gives."""
    if resting := _resting.get(asked):
        return resting.pop()
    node = make()
    if native.is_external(node):
        _asked[node] = asked
    return node


def give_back(nodes: Iterable[Node | None]) -> None:
    """Let those that `opened` gave rest; they were looked at, nothing was played and no parameter moved."""
    for node in nodes:
        if native.is_external(node) and (asked := _asked.get(node)):
            _resting.setdefault(asked, []).append(node)
