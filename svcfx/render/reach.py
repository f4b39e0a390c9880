"""How far a stretch of what a board gives reaches back into what it hears: all else need not be there.

Frames are those of the board's own array, `Span` is the first of them and the one behind the last.
"""

from typing import TYPE_CHECKING, Literal

from svcfx.board import spec
from svcfx.node import native
from svcfx.node.native_latency import latency_of
from svcfx.node.protocol import Node
from svcfx.node.voice import VoiceConversion
from svcfx.render.job import Job

if TYPE_CHECKING:
    from svcfx.board.play import Row

Span = tuple[int, int]
Reach = Literal["there", "past", "all"]
"""Each sample depends on that one alone, on what came before it too, or on anything."""
_WITHOUT_MEMORY = frozenset(("Bitcrush", "Clipping", "Distortion", "Gain", "Invert"))
_WORST: tuple[Reach, ...] = ("there", "past", "all")


def heard(job: Job, wanted: Span, channels: int, frames: int) -> tuple[Span, Span]:
    """What of a job's samples must be there for `wanted` of what it gives, and what its voice has to sing.
    The samples, (channels, frames), need not be there.

    What rings or is levelled has heard all that came before: nobody knows its state but from the start on.
    """
    if job.board is None:
        return wanted, wanted
    with job.board.planned(channels, frames, job.sample_rate, job.automation) as row:
        return _through(row, wanted, frames, job.sample_rate)


def _through(row: "Row", wanted: Span, frames: int, rate: float) -> tuple[Span, Span]:
    sung = whole = (0, frames)
    behind = wanted
    for node in reversed([node for nodes in row.nodes for node in nodes]):
        if isinstance(node, VoiceConversion):
            sung = behind if sung == whole and node.sings_apart(row.curves.get(id(node), {})) else whole
            behind = whole
        reach = of(node, rate)
        behind = {"there": behind, "past": (0, behind[1]), "all": whole}[reach]
    return behind, sung


def of(node: Node, rate: float) -> Reach:
    """How far a sample of what a node gives reaches."""
    leaves = [leaf for leaf in spec.tree(node) if not spec.slots_of(leaf)]
    return max((_of_leaf(leaf, rate) for leaf in leaves), key=_WORST.index, default="there")


def _of_leaf(node: Node, rate: float) -> Reach:
    if not native.is_plugin(node) or native.is_external(node) or native.is_overridden(node):
        return "all"
    if type(node).__name__ in _WITHOUT_MEMORY:
        return "there"
    return "all" if latency_of(node, rate) else "past"
