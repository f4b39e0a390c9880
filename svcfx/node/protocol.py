"""What a node is: pedalboard's call, and what a board needs to know beyond it."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from svcfx.lanes import Curve
from svcfx.node.knobs import Parameter

Array = NDArray[np.float32]


@runtime_checkable
class Node(Protocol):
    """One effect of ours. Arrays follow pedalboard's rules; see `svcfx.node.arrays`."""

    is_effect: bool
    is_instrument: bool

    @property
    def latency_samples(self) -> int:
        """How far a stream's output may lag, at the rate last used."""
        ...

    @property
    def inert(self) -> bool:
        """Whether audio passes through untouched (bypassed, or `mix` is 0)."""
        ...

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Knobs by name, read-only."""
        ...

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Array:
        """Whole audio in one call, or with `reset=False` the next piece of a stream."""
        ...

    def __call__(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Array:
        """The same as `process`."""
        ...

    def process_automated(
        self,
        input_array: NDArray[Any],
        sample_rate: float,
        curves: Mapping[str, Curve],
        buffer_size: int = 8192,
    ) -> Array:
        """Whole audio in one call, knobs moved by curves at absolute seconds."""
        ...

    def reset(self) -> None:
        """Forget the stream and the cached channel layout; knobs stay."""
        ...

    def flush(self) -> Array:
        """What a stream still owes; ends it."""
        ...

    def to_dict(self) -> dict[str, object]:
        """Class and knobs, as plain values."""
        ...
