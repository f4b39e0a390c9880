"""From a tree of nodes to the row that plays it.

Inert nodes leave first, so that the native plugins on both sides of one meet in a single run, which is
one native call: with an inert voice a board gives the very bits of the native chain alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from svcfx.board.play import Row, RowSum, Single
from svcfx.board.spec import Slot, inert, is_container, slots_of, sums
from svcfx.events import Events
from svcfx.lanes import Curve
from svcfx.node import native
from svcfx.node.channels import Part, fitted, misfit
from svcfx.node.native import NativePlugin
from svcfx.node.native_latency import latency_of
from svcfx.node.native_run import NativeRun
from svcfx.node.protocol import Node

Curves = Mapping[int, Mapping[str, Curve]]  # by id(node), then parameter
CutMaker = Callable[[NativePlugin, Mapping[str, Curve]], Part]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What decides how native nodes are played."""

    cut: CutMaker
    """Makes the part for a native plugin that is moved."""
    curves: Curves = field(default_factory=dict)
    stream_rate: float = 0.0
    """Above 0: the row is for a stream at this rate. A native `Mix` with a late branch then plays from
    Python, because pedalboard aligns its branches in one-shot calls only (measured: 0.77 off)."""
    channels: int = 0
    """Channels of the audio, 0 while unknown: VST3s that do not take them are played another way."""
    events: Events | None = None
    """Who hears what the nodes say in one-shot calls; without it they warn as Python does."""

    def opens(self, node: Node | None) -> bool:
        """Whether `node` or, in a native container, anything below it cannot be left to a native run."""
        late = self.stream_rate > 0 and native.is_mix(node) and latency_of(node, self.stream_rate) > 0
        return (
            late
            or id(node) in self.curves
            or misfit(node, self.channels)
            or any(self.opens(child) for child in native.children(node))
        )

    def awake(self, node: Node | None) -> bool:
        """Whether a node at mix 0 is at work all the same: its mix is moved."""
        return "mix" in self.curves.get(id(node), {})


def row_of(slots: Iterable[Slot], plan: RowPlan) -> Row:
    """The row that plays `slots`."""
    parts: list[Part] = []
    nodes: list[tuple[Node, ...]] = []
    for natively, items in _runs(_flat(slots, plan), plan):
        parts.append(NativeRun(items) if natively else _part(items[0], plan))
        nodes.append(items)
    return Row(parts, nodes, plan.curves)


def _runs(items: Iterable[Node], plan: RowPlan) -> Iterator[tuple[bool, tuple[Node, ...]]]:
    """Items in order, those that are played by one native call together."""
    run: list[Node] = []
    for item in items:
        if native.runs_natively(item) and not plan.opens(item):
            run.append(item)
            continue
        if run:
            yield True, tuple(run)
            run = []
        yield False, (item,)
    if run:
        yield True, tuple(run)


def _flat(slots: Iterable[Slot], plan: RowPlan) -> Iterator[Node]:
    """Active nodes in order; chains are opened where they cannot be played as one native plugin."""
    for slot in slots:
        node = slot.node
        if node is None or slot.bypassed or (inert(node) and not plan.awake(node)):
            continue
        if not sums(node) and _opens(node, plan):
            yield from _flat(slots_of(node), plan)
        else:
            yield node


def _part(node: Node, plan: RowPlan) -> Part:
    if native.is_overridden(node):
        return Single(node, {})
    if sums(node):
        return RowSum([row_of([slot], plan) for slot in slots_of(node)])
    own = plan.curves.get(id(node), {})
    if misfit(node, plan.channels):
        return fitted(node, plan.channels, lambda one: plan.cut(one, own) if own else NativeRun([one]))
    return plan.cut(node, own) if native.is_plugin(node) else Single(node, own, plan.events)


def _opens(node: Node, plan: RowPlan) -> bool:
    """Whether what a container holds is played node by node: ours always, a native one where it has to be."""
    if not native.is_container(node):
        return is_container(node)
    return not native.is_overridden(node) and (not native.runs_natively(node) or plan.opens(node))
