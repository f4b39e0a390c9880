"""A voice as its card and the headers of its files show it: all that planning asks of one, without torch.

It is a `Voice` like any other: the first that wants to hear it sing has its weights opened.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from svcfx.audio import Samples
from svcfx.chain import families, knobs, own
from svcfx.chain.config import ChainSettings, LookaheadName
from svcfx.chain.knobs import Part, Value
from svcfx.chain.svc import limits
from svcfx.chain.voice import Curves, Stem, Stream, Voice, VoiceIdentity
from svcfx.errors import VoiceError
from svcfx.keeping import Keeper, afresh
from svcfx.voices import shelf
from svcfx.voices.card import Card, PartName

_LARGEST_HEADER_BYTES = 100_000_000
"""As the library of the format has it."""


def facts(path: Path) -> dict[str, Any]:
    """What svcfx wrote into the header of a safetensors file, and "tensors", their names.

    Raises:
        VoiceError: The file is missing, or its header is none of svcfx's.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > min(_LARGEST_HEADER_BYTES, path.stat().st_size):
                raise ValueError(f"its header has {size} bytes")
            header = json.loads(file.read(size))
        return {**json.loads(header.pop("__metadata__", {}).get("svcfx", "{}")), "tensors": list(header)}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise VoiceError(
            f"'{path.name}' cannot be read: {error}", hint="It is damaged; get it again."
        ) from error


@dataclass(frozen=True, eq=False)
class Outline:
    """One voice of the shelf, unopened; `where` its networks will run, as `device.resolve` knows it."""

    card: Card
    where: str = ""

    @property
    def name(self) -> str:
        """What it is called on the shelf."""
        return self.card.name

    @property
    def singers(self) -> tuple[str, ...]:
        """Names of the singers in this voice."""
        return tuple(self.card.singers if self.card.is_one_file else self._reach.singers)

    @property
    def device(self) -> str:
        """Where its networks run."""
        return "cpu" if self.card.is_one_file else self.opened.device

    @property
    def matched_to_source(self) -> bool:
        """Whether a whole stem is brought to its source's loudness."""
        return self._family.level == "source"

    @property
    def defaults(self) -> Mapping[str, float]:
        """Knobs that stand elsewhere for this voice than for others."""
        if self.card.is_one_file:
            return self._outlook.defaults
        return limits.defaults(self._reach)

    @property
    def have(self) -> frozenset[Part]:
        """Parts that it has, of those that knobs may need."""
        return self._outlook.have if self.card.is_one_file else limits.have(self._reach)

    def lacks(self, knob: str, value: Value) -> str:
        """Why `knob` cannot stand at `value`; "" when it can."""
        if self.card.is_one_file:
            return knobs.lacks(self.have, knob, value)
        return limits.lacks(self._reach, knob, value)

    def cost(self, *, refined: bool) -> float:
        """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
        if self.card.is_one_file:
            return self._outlook.refined_cost if refined else self._outlook.cost
        return limits.cost(self._reach, refined=refined)

    @property
    def identity(self) -> VoiceIdentity:
        """What its sound depends on."""
        return self.opened.identity

    def latency_seconds(self, sample_rate: float, lookahead: LookaheadName = "full") -> float:
        """How far a stream's output may lag behind its input at that rate."""
        return self.opened.latency_seconds(sample_rate, lookahead)

    def stream(self, sample_rate: float, settings: ChainSettings) -> Stream:
        """Begin a conversion of mono audio."""
        return self.opened.stream(sample_rate, settings)

    def render(
        self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper = afresh
    ) -> Iterator[Samples]:
        """Convert a whole stem: blocks (n,) in order."""
        return self.opened.render(stem, settings, curves, keep)

    @cached_property
    def opened(self) -> Voice:
        """The voice with its weights, which are opened when they are first asked for.

        Raises:
            VoiceError: They are missing, damaged, or not those of the card.
        """
        return shelf.opened(self.card, self.where)

    @cached_property
    def _family(self) -> families.Family:
        if "generator" in self.card.parts:
            return families.titled(str(self._of("generator").get("family", "")))
        return families.of(self.card.family)

    @cached_property
    def _outlook(self) -> own.Outlook:
        return own.of(self._family).outlook(facts(self.card.path))

    @cached_property
    def _reach(self) -> limits.VoiceFacts:
        have = self.card.parts
        generator = self._of("generator") if "generator" in have else None
        refiner = self._of("refiner") if "refiner" in have else None
        config = {} if generator is None else generator["config"]
        singers = {} if (singing := generator or refiner) is None else singing["singers"]
        return limits.VoiceFacts(
            family=self._family,
            singers=tuple(singers),
            pitched=None if generator is None else bool(config["pitch"]),
            f0_decoder=None if generator is None else bool(config["f0_decoder"]),
            levels=None if refiner is None else (int(refiner["k_step_max"]), int(refiner["timesteps"])),
            vocoder="vocoder" in have,
            bank="bank" in have,
        )

    def _of(self, part: PartName) -> dict[str, Any]:
        return facts(self.card.path_of(part))
