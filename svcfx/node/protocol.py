"""What a node is, and what it may have beside: a board asks for `Node` and no more.

Each further door is a protocol of its own, so that a node of anybody's may have one and not the other. Nodes
that stand on `Effect` have them all.
"""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from svcfx.events import Events
from svcfx.lanes import Curve

Array = NDArray[np.float32]
Curves = Mapping[str, Curve]


@runtime_checkable
class Node(Protocol):
    """One effect: pedalboard's plugins, ours, boards, and any object that is called as they are.

    Arrays follow pedalboard's rules; see `svcfx.node.arrays`.
    """

    @property
    def is_effect(self) -> bool:
        """True; instruments do not stand in a board."""
        ...

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Array:
        """Whole audio in one call, or with `reset=False` the next piece of a stream."""
        ...

    def reset(self) -> None:
        """Forget the stream and the channel layout; knobs stay."""
        ...


@runtime_checkable
class Automatable(Protocol):
    """A node whose knobs follow curves."""

    def process_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Array:
        """Whole audio in one call, knobs moved by curves at seconds from its start."""
        ...


@runtime_checkable
class StreamAutomatable(Protocol):
    """A node whose knobs follow curves in a stream too."""

    def stream_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Array:
        """The next piece of a stream, knobs moved by curves at seconds from the stream's start."""
        ...


@runtime_checkable
class ChecksCurves(Protocol):
    """A node that says beforehand which curves it cannot follow."""

    def check_curves(self, curves: Curves, seconds: float) -> None:
        """Refuse, before anything is played, what it cannot follow for `seconds`."""
        ...


@runtime_checkable
class Performer(Protocol):
    """A node that speaks while it plays, and can be stopped."""

    def perform(self, array: NDArray[Any], sample_rate: float, curves: Curves, events: Events) -> Array:
        """As `process_automated`; what there is to say goes to `events`, which may also end it."""
        ...


@runtime_checkable
class Late(Protocol):
    """A node whose stream lags."""

    def latency_at(self, sample_rate: float) -> int:
        """Frames that a stream's output lags at most, at that rate."""
        ...


@runtime_checkable
class Storable(Protocol):
    """A node that files can hold."""

    def to_dict(self) -> dict[str, object]:
        """Class and knobs, as plain values."""
        ...
