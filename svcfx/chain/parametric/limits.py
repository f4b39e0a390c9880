"""What a voice of one file has parts for, as the header of its file says it. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from svcfx.chain.knobs import Part

INDEX_RATE = 0.6
"""Where it stands for a voice with an index and without an ear: sung words and human speech are clearer. An
ear hears them as clearly without."""


@dataclass(frozen=True, slots=True)
class PartsHad:
    """Whether a voice has a refiner, has an index, and hears with an ear."""

    refiner: bool
    index: bool
    ear: bool


def have(voice: PartsHad) -> frozenset[Part]:
    """Parts that a voice has, of those that knobs may need."""
    found: set[Part] = {
        "formant control (a Formant node behind it has)",
        "pitch of its own, it sings the input's",
    }
    if voice.refiner:
        found.add("diffusion refiner")
    if voice.index:
        found.add("index")
    if voice.ear:
        found.add("short lookahead")
    return frozenset(found)


def defaults(voice: PartsHad) -> Mapping[str, float]:
    """Knobs that stand elsewhere for a voice than for others."""
    return MappingProxyType({"index_rate": INDEX_RATE} if voice.index and not voice.ear else {})


def cost(*, refined: bool) -> float:
    """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
    return 0.13 if refined else 0.12
