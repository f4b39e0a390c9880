"""What a board accepts as an element, and what it keeps beside each one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from svcfx.errors import AudioTypeError, BoardError, InputError
from svcfx.node import native
from svcfx.node.protocol import Node

_NAME = re.compile(r"^[A-Za-z0-9_-]*$")
_OWN_NAMES = {"VoiceConversion": "voice"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a board: its node (`None` passes audio on), the name that addresses use, its switch."""

    node: Node | None
    name: str = ""
    bypassed: bool = False

    def __post_init__(self) -> None:
        check_node(self.node)
        if not _NAME.match(self.name):
            raise InputError(
                f"a node is named '{self.name}', allowed are letters, digits, '_' and '-'",
                hint="dots and brackets are for addresses",
            )

    @property
    def called(self) -> str:
        """The name in addresses: as given, or made from the class (`compressor`)."""
        return self.name or name_of(self.node)


class Container(Node, Protocol):
    """A node that holds others, as boards do; native containers are none such."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its places."""
        ...

    @property
    def sums_branches(self) -> bool:
        """Whether its nodes stand beside each other, not behind."""
        ...


def is_container(node: object) -> TypeGuard[Container]:
    """Whether it is one of our containers; asked a thousand times a song, and `isinstance` would be slow."""
    return hasattr(node, "slots") and hasattr(node, "sums_branches")


def slots_of(node: Node | None) -> Sequence[Slot]:
    """The slots of one of our containers, or of a native one, else none."""
    if is_container(node):
        return node.slots
    return [Slot(child) for child in native.children(node)]


def sums(node: Node | None) -> bool:
    """Whether it is a container whose nodes stand beside each other: a `Mix`, ours or pedalboard's."""
    return native.is_mix(node) or (is_container(node) and node.sums_branches)


def name_of(node: object) -> str:
    """The name a node has when nobody gave it one."""
    if native.is_plugin(node):
        return native.name_of(node)
    kind = type(node).__name__
    return _OWN_NAMES.get(kind, native.snake(kind))


def check_node(node: object) -> None:
    """Refuse what cannot be an element of a board.

    Raises:
        AudioTypeError: It is no plugin, no node and not `None`.
        InputError: It is an instrument.
    """
    if node is None:
        return
    if isinstance(node, type):
        raise AudioTypeError(
            f"{node.__name__} is a class, a board holds objects", hint=f"write {node.__name__}()"
        )
    if isinstance(node, (list, tuple)):
        raise AudioTypeError("a board holds nodes, not lists of nodes", hint="nest with Board([...])")
    missing = [name for name in ("process", "reset", "is_effect") if not hasattr(node, name)]
    if missing:
        raise AudioTypeError(
            f"{node!r} cannot stand in a board: it has no {', '.join(missing)}",
            hint="a board holds pedalboard plugins, svcfx nodes, boards, None, and any object with "
            "process(input_array, sample_rate, buffer_size, reset), reset() and is_effect",
        )
    if getattr(node, "is_instrument", False) or not node.is_effect:  # type: ignore[attr-defined]
        raise InputError(
            f"{name_of(node)} is an instrument, a board holds effects only",
            hint="in a session an instrument plays a MIDI track as a stem: track = ..., instrument = ...",
        )


def inert(node: object) -> bool:
    """Whether a node says that it changes nothing (bypassed, or `mix` is 0)."""
    return bool(getattr(node, "inert", False))


def tree(node: Node | None) -> Iterator[Node]:
    """`node` and all nodes below it, depth first, without empty places."""
    if node is None:
        return
    yield node
    for slot in slots_of(node):
        yield from tree(slot.node)


def refuse_twice(board: Node) -> None:
    """Raise `BoardError` when one object stands at two places: its state would be shared by both."""
    seen: set[int] = set()
    for node in list(tree(board)):  # all kept alive: pedalboard makes children anew when asked, and ids recur
        if id(node) in seen:
            raise BoardError(
                f"the same {name_of(node)} stands in this board twice",
                hint="make a second one: each place needs its own state",
            )
        seen.add(id(node))
