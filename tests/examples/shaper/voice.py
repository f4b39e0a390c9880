"""One shaper, whole stems and streams."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from svcfx.audio import Samples
from svcfx.chain import knobs
from svcfx.chain.config import ChainSettings, LookaheadName
from svcfx.chain.knobs import Part, Value
from svcfx.chain.voice import Curves, Stem, Stream, VoiceIdentity
from svcfx.keeping import Keeper, afresh

PIECE = 8192
"""Samples that are sung, and kept, at one time."""


@dataclass(frozen=True, eq=False)
class Shaper:
    """`shapes` (3,) by singer."""

    name: str
    shapes: Mapping[str, Samples]
    sha256: str

    matched_to_source = False
    device = "cpu"
    have: frozenset[Part] = frozenset()

    @property
    def defaults(self) -> Mapping[str, float]:
        """Knobs stand for it where they stand for others."""
        return {}

    @property
    def identity(self) -> VoiceIdentity:
        """Its file's hash."""
        return VoiceIdentity("shaper", (("weights", self.sha256),), self.device, (("sing", 1),))

    @property
    def singers(self) -> tuple[str, ...]:
        """Names."""
        return tuple(self.shapes)

    def lacks(self, knob: str, value: Value) -> str:
        """Whatever needs a part is lacking."""
        return knobs.lacks(self.have, knob, value)

    def cost(self, *, refined: bool) -> float:
        """Next to nothing."""
        return 0.001

    def latency_seconds(self, sample_rate: float, lookahead: LookaheadName = "full") -> float:
        """None: a sample depends on itself alone."""
        return 0.0

    def stream(self, sample_rate: float, settings: ChainSettings) -> Stream:
        """A conversion in progress."""
        return _Shaping(self.shapes[settings.singer])

    def render(
        self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper = afresh
    ) -> Iterator[Samples]:
        """Piece by piece, each kept by what is in it."""
        shape = self.shapes[settings.singer]
        audio = np.concatenate([*stem.blocks(), np.zeros(0, np.float32)])
        for first in range(0, len(audio), PIECE):
            piece = audio[first : first + PIECE]
            facts = (self.sha256, settings.singer, piece)
            yield keep("shaped", 1, facts, lambda piece=piece: {"audio": _shaped(shape, piece)})["audio"]


class _Shaping:
    def __init__(self, shape: Samples) -> None:
        self._shape = shape

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """(n,) in and out."""
        return _shaped(self._shape, samples)

    def flush(self, curves: Curves) -> Samples:
        """Nothing is owed."""
        return np.zeros(0, np.float32)


def _shaped(shape: Samples, x: Samples) -> Samples:
    return np.asarray(shape[0] * x + shape[1] * x**3 + shape[2] * x**5, np.float32)
