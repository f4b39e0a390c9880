"""A voice as a node sees it: whoever it is and however it is made, it renders stems and streams.

Two kinds stand behind it: `parametric.voice`, the voices that ship, and `svc.voice`, those of so-vits-svc.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings
from svcfx.chain.knobs import Part, Value
from svcfx.lanes import Curve

Curves = Mapping[str, Curve]


@dataclass(frozen=True, slots=True)
class Stem:
    """A whole mono stem that can be read more than once, in blocks (n,) that together hold `frames`."""

    frames: int
    sample_rate: float
    blocks: Callable[[], Iterator[Samples]]


class Stream(Protocol):
    """One mono conversion in progress at the caller's rate."""

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take (n,) samples, return those that are settled, never more than were taken so far."""
        ...

    def flush(self, curves: Curves) -> Samples:
        """The rest: as many samples as are still owed. The stream ends."""
        ...


class Voice(Protocol):
    """One voice and its singers; several conversions may share it, its weights are never written."""

    @property
    def name(self) -> str:
        """What it is called on the shelf."""
        ...

    @property
    def singers(self) -> tuple[str, ...]:
        """Names of the singers in this voice."""
        ...

    @property
    def device(self) -> str:
        """Where its networks run: "cpu", "cuda:0"; the same device gives the same bytes."""
        ...

    @property
    def defaults(self) -> Mapping[str, float]:
        """Knobs that stand elsewhere for this voice than for others, until somebody moves them."""
        ...

    @property
    def matched_to_source(self) -> bool:
        """Whether a whole stem is brought to its source's loudness; else its level is the voice's own."""
        ...

    @property
    def have(self) -> frozenset[Part]:
        """Parts that the voice has, of those that knobs may need."""
        ...

    def lacks(self, knob: str, value: Value) -> str:
        """Why `knob` cannot stand at `value`: "has no ..., so ... must be ..."; "" when it can."""
        ...

    def cost(self, *, refined: bool) -> float:
        """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
        ...

    def latency_seconds(self, sample_rate: float) -> float:
        """How far a stream's output may lag behind its input at that rate, below one second."""
        ...

    def stream(self, sample_rate: float, settings: ChainSettings) -> Stream:
        """Begin a conversion of mono audio that starts from the levels in the voice's card."""
        ...

    def render(self, stem: Stem, settings: ChainSettings, curves: Curves) -> Iterator[Samples]:
        """Convert a whole stem: blocks (n,) in order, `stem.frames` samples together."""
        ...
