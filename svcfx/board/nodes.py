"""The list face of a board: a real `MutableSequence` of nodes."""

from collections.abc import Iterable, MutableSequence
from typing import Any, Self, overload

from svcfx.board.address import slot_index
from svcfx.board.spec import Slot
from svcfx.errors import AudioTypeError
from svcfx.node.protocol import Node


class Nodes(MutableSequence[Node | None]):
    """Nodes in order, each in a `Slot`. What goes in is checked when it goes in."""

    stands_for = "Pedalboard"

    def __init__(self, nodes: Iterable[Node | Slot | None] = ()) -> None:
        if isinstance(nodes, (str, bytes)) or not isinstance(nodes, Iterable):
            raise AudioTypeError(
                f"a board is made from a list of nodes, got {nodes!r}", hint="write Board([...])"
            )
        self._slots: list[Slot] = [_slot(node) for node in nodes]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places of this board with names and switches."""
        return tuple(self._slots)

    def set_bypassed(self, which: int | str, bypassed: bool = True) -> None:
        """Switch a node of this board off or on, by index or by name (`reverb`, `reverb[2]`)."""
        index = slot_index(self._slots, which)
        slot = self._slots[index]
        self._slots[index] = Slot(slot.node, slot.name, bypassed)

    @overload
    def __getitem__(self, index: int) -> Node | None: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Node | Self | None:
        if isinstance(index, slice):
            return type(self)(self._slots[index])
        return self._slots[index].node

    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, slice):
            self._slots[index] = [_slot(node) for node in value]
        else:
            self._slots[index] = _slot(value)

    def __delitem__(self, index: int | slice) -> None:
        del self._slots[index]

    def __len__(self) -> int:
        return len(self._slots)

    def insert(self, index: int, value: Node | Slot | None) -> None:
        """Put `value` before the node at `index`."""
        self._slots.insert(index, _slot(value))

    def _repr_html_(self) -> str:
        """What a notebook shows: each node in order, with its knobs."""
        from svcfx import markup  # here: a render shows none

        count = f"{type(self).__name__} of {len(self)} node{'s' * (len(self) != 1)}"
        return markup.box(count, *(_shown(slot) for slot in self._slots))

    def __repr__(self) -> str:
        plural = "" if len(self) == 1 else "s"
        name = f"{type(self).__name__} (as pedalboard's {self.stands_for})"
        return f"<{name} with {len(self)} plugin{plural}: {list(self)!r}>"


def _shown(slot: Slot) -> str:
    """A node and its knobs, as HTML."""
    from svcfx import markup
    from svcfx.node import knob_ranges

    title = f"{'nothing' if slot.node is None else slot.called}{', bypassed' * slot.bypassed}"
    shown = getattr(slot.node, "_repr_html_", None)
    if shown is not None:
        return markup.folded(title, shown())
    rows = [
        (name, f"{float(getattr(slot.node, name)):g} {span.unit}".strip())
        for name, span in knob_ranges.ranges_of(slot.node).items()
    ]
    return markup.folded(title, markup.table(rows) or markup.said("no knobs"))


def _slot(node: Node | Slot | None) -> Slot:
    return node if isinstance(node, Slot) else Slot(node)
