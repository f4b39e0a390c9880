"""From a tree of nodes to the row that plays it.

Inert nodes leave first, so that the native plugins on both sides of one meet in a single run, which is
one native call: with an inert voice a board gives the very bits of the native chain alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from svcfx.board.play import Part, Row, Single, Sum
from svcfx.board.spec import Slot, inert
from svcfx.lanes import Curve
from svcfx.node import native
from svcfx.node.native_run import NativeRun

Curves = Mapping[int, Mapping[str, Curve]]  # by id(node), then parameter
CutMaker = Callable[[Any, Mapping[str, Curve]], Part]


def row_of(slots: Iterable[Slot], curves: Curves, cut: CutMaker) -> Row:
    """The row for `slots`; a native plugin that `curves` moves becomes a part made by `cut`."""
    parts: list[Part] = []
    run: list[object] = []
    for item in _flat(slots, curves):
        if native.runs_natively(item) and not _moved(item, curves):
            run.append(item)
            continue
        if run:
            parts.append(NativeRun(run))
            run = []
        parts.append(_part(item, curves, cut))
    if run:
        parts.append(NativeRun(run))
    return Row(parts)


def _flat(slots: Iterable[Slot], curves: Curves) -> Iterator[Any]:
    """Active nodes in order; chains are opened where they cannot be played as one native plugin."""
    for slot in slots:
        node = slot.node
        if node is None or slot.bypassed or (inert(node) and not _awake(node, curves)):
            continue
        if _is_own_chain(node):
            yield from _flat(node.slots, curves)
        elif _is_native_chain(node) and (not native.runs_natively(node) or _moved(node, curves)):
            yield from _flat([Slot(child) for child in native.children(node)], curves)
        else:
            yield node


def _part(node: Any, curves: Curves, cut: CutMaker) -> Part:
    if native.is_overridden(node):
        return Single(node, {})
    if getattr(node, "sums_branches", False):
        return Sum([row_of([slot], curves, cut) for slot in node.slots])
    if native.is_mix(node):
        return Sum([row_of([Slot(child)], curves, cut) for child in native.children(node)])
    own = curves.get(id(node), {})
    return cut(node, own) if native.is_plugin(node) else Single(node, own)


def _is_own_chain(node: Any) -> bool:
    return isinstance(getattr(node, "slots", None), tuple) and not getattr(node, "sums_branches", False)


def _is_native_chain(node: Any) -> bool:
    return native.is_container(node) and not native.is_mix(node) and not native.is_overridden(node)


def _moved(node: Any, curves: Curves) -> bool:
    """Whether a curve moves `node` or, in a native container, anything below it."""
    return id(node) in curves or any(_moved(child, curves) for child in native.children(node))


def _awake(node: Any, curves: Curves) -> bool:
    """A node at mix 0 whose mix is moved is at work; a bypassed one is not."""
    return "mix" in curves.get(id(node), {}) and not getattr(node, "bypassed", False)
