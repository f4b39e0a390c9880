"""A voice as a node sees it: whoever it is and however it is made, it renders stems and streams.

Two kinds stand behind it: `parametric.voice`, the voices that ship, and `svc.voice`, those of so-vits-svc.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings, LookaheadName
from svcfx.chain.knobs import MOVABLE, RESTS, Part, Stage, Value
from svcfx.keeping import Keeper, afresh
from svcfx.lanes import Curve, Lane
from svcfx.time_map import NO_CHANGE, TimeMap

if TYPE_CHECKING:  # cards are read without torch, which levels are measured with
    from svcfx.chain.parametric.level import Level

Curves = Mapping[str, Curve]
AT_REST: Curves = MappingProxyType({name: Lane.constant(float(RESTS[name])) for name in MOVABLE})
"""Curves that move nothing."""


def first_up(curves: Curves, names: Sequence[str]) -> str:
    """The first of these knobs that does not stand at 0 throughout; "" where all do."""
    start = np.zeros(1)
    return next((n for n in names if not curves[n].is_constant or curves[n].at(start)[0] != 0.0), "")


@dataclass(frozen=True, slots=True)
class Stem:
    """A whole mono stem that can be read more than once, in blocks (n,) that together hold `frames`.

    Where it is played at another tempo, it was stretched from `recording`, whose seconds lie in its own as
    `time` says: a voice that hears that one and sings in this one's time keeps what stretching smears.

    Where only the samples `wanted`, the first and the one behind the last, are heard of what is sung, a voice
    may leave others silent.
    """

    frames: int
    sample_rate: float
    blocks: Callable[[], Iterator[Samples]]
    recording: "Stem | None" = None
    time: TimeMap = NO_CHANGE
    wanted: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A stretch of a stem that is sung in one piece: a function of the stem alone.

    Attributes:
        first: Sample of the stem that `audio` (n,) begins at, with what is heard before the phrase.
        start, stop: Where the phrase itself lies; another that begins at `stop` goes on with its phase.
        audio16k: The same at 16 kHz, for a voice that hears the stem so.
        level: Of the whole stem, where the voice hears by it.
    """

    first: int
    start: int
    stop: int
    audio: Samples
    audio16k: Samples | None = None
    level: "Level | None" = None


Heard = Any
"""What a voice hears of a phrase: content, pitch, voicing, loudness. Its own; others only pass it on."""
Score = Any
"""What a voice is to sing of a phrase. Its own, too."""


@dataclass(frozen=True, slots=True)
class VoiceIdentity:
    """What a voice's sound depends on: two voices of one identity sing the same.

    Attributes:
        family: By name; parts: name and SHA-256 of each file; device: the class of it, such as "cuda".
        stages: Version of each stage: a change to the code that changes its results counts one up.
    """

    family: str
    parts: tuple[tuple[str, str], ...]
    device: str
    stages: tuple[tuple[Stage, int], ...]


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
    def identity(self) -> VoiceIdentity:
        """What its sound depends on."""
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

    def latency_seconds(self, sample_rate: float, lookahead: LookaheadName = "full") -> float:
        """How far a stream's output may lag behind its input at that rate, below one second."""
        ...

    def stream(self, sample_rate: float, settings: ChainSettings) -> Stream:
        """Begin a conversion of mono audio that starts from the levels in the voice's card."""
        ...

    def render(
        self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper = afresh
    ) -> Iterator[Samples]:
        """Convert a whole stem: blocks (n,) in order, `stem.frames` samples together.

        `keep` may know parts of it already; what it gives are the same bytes.
        """
        ...


class Stages(Protocol):
    """The stages of a voice, for whoever keeps results between them or does them elsewhere.

    A change runs again from the first stage that reads it (`stage` in the table of knobs); phrases are heard
    and sung independently of each other, for what they share is carried in their scores.
    """

    @property
    def identity(self) -> VoiceIdentity:
        """What its sound depends on."""
        ...

    def phrases(self, stem: Stem) -> tuple[Phrase, ...]:
        """Where a stem is sung, at the voice's rate; a voice that cannot be cut gives one phrase."""
        ...

    def hear(self, phrase: Phrase, settings: ChainSettings) -> Heard:
        """What is sung there; no lane is read."""
        ...

    def score(
        self, heard: Sequence[Heard], curves: Curves, settings: ChainSettings, after: Score = None
    ) -> tuple[Score, ...]:
        """What is to be sung, of phrases in order; `after` is the score of the one before the first."""
        ...

    def sing(self, scores: Sequence[Score], settings: ChainSettings) -> tuple[Samples, ...]:
        """Audio (n,) of each score, as long as its phrase was heard."""
        ...
