"""What the folder of a family gives whose voices are one file of its own, beside its row in the registry.

The voices that ship are such a family. Those of so-vits-svc and RVC share parts, which `svcfx.voices` knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from svcfx.chain import families
from svcfx.chain.knobs import Part
from svcfx.chain.voice import Voice


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a voice before it is opened.

    Attributes:
        have: Parts that it has, of those that knobs may need.
        defaults: Knobs that stand elsewhere for it than for others.
        cost, refined_cost: Rough seconds of work for a second of sound on two cores.
    """

    have: frozenset[Part]
    defaults: Mapping[str, float]
    cost: float
    refined_cost: float


@dataclass(frozen=True, slots=True)
class Described:
    """A checkpoint that somebody brought: who sings, and its sample rate in Hz."""

    singers: tuple[str, ...]
    sample_rate: int


class Own(Protocol):
    """The module that a family's `own` names. Files are a stranger's until they are read."""

    def reads(self, checkpoint: Path) -> bool:
        """Whether a file is of this family, by a look at its header."""
        ...

    def convert(self, checkpoint: Path, weights: Path) -> Described:
        """Check a checkpoint and write what is kept of it, a safetensors file.

        Raises:
            VoiceError: It is damaged, or does not fit.
        """
        ...

    def outlook(self, header: Mapping[str, Any]) -> Outlook:
        """What the header of the kept file says; no weights are loaded."""
        ...

    def opened(self, name: str, weights: Path, loudness_db: float, sha256: str) -> Voice:
        """The voice. `loudness_db` is where its streams start, dBFS A-weighted.

        Raises:
            VoiceError: The file is damaged.
        """
        ...


def of(family: families.Family) -> Own:
    """The module of a family that has one, imported now."""
    return cast(Own, import_module(family.own))


def reading(checkpoint: Path) -> families.Family | None:
    """The family with a folder of its own that reads a file, if one does."""
    having = (family for family in families.FAMILIES if family.own)
    return next((family for family in having if of(family).reads(checkpoint)), None)
