"""What a so-vits-svc voice is put together from, opened and known to fit."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from svcfx.chain import precision
from svcfx.chain.bank import Bank
from svcfx.chain.builtin_content import BuiltinEncoder
from svcfx.chain.config import Precision
from svcfx.chain.contentvec import Encoder
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.families import Family
from svcfx.chain.parametric.level import Level
from svcfx.chain.vits import Generator
from svcfx.chain.vocoder import Vocoder

CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """One voice. Networks are in evaluation mode and never written.

    Attributes:
        sample_rate: Hz. hop: samples a frame.
        singers: Row of each name in the speaker table.
        unit_mode: How units are spread over frames, as `units.spread` names it.
        encoder: Of the content; the builtin one hears by the level of the stem, see `about`.
        device: Where all networks lie.
        hashes: SHA-256 of each file that the parts are from, by the part's name.
    """

    name: str
    family: Family
    sample_rate: int
    hop: int
    singers: Mapping[str, int]
    encoder: Encoder | BuiltinEncoder
    unit_mode: str
    generator: Generator | None = None
    refiner: Refiner | None = None
    vocoder: Vocoder | None = None
    bank: Bank | None = None
    device: torch.device = CPU
    hashes: Mapping[str, str] = field(default_factory=dict)

    def on(self, device: torch.device) -> "Parts":
        """The same voice with its networks on that device; itself when they are there already."""
        if device == self.device:
            return self
        moved = {
            name: _moved(part, device)
            for name in ("encoder", "refiner", "vocoder")
            if (part := getattr(self, name)) is not None
        }
        generator = deepcopy(self.generator).to(device) if self.generator is not None else None
        return replace(self, generator=generator, device=device, **moved)

    def about(self, level: Callable[[BuiltinEncoder], Level | None]) -> "Parts":
        """The same voice for a stem of that level, which only the builtin encoder asks for."""
        if not isinstance(self.encoder, BuiltinEncoder):
            return self
        return replace(self, encoder=self.encoder.about(level(self.encoder)))

    def at(self, asked: Precision) -> "Parts":
        """The same voice in that precision; raises `ParamError` where the device has no bfloat16."""
        if asked == "fp32":
            return self
        twins = {
            name: replace(part, network=precision.at(part.network, asked))
            for name in ("encoder", "refiner", "vocoder")
            if (part := getattr(self, name)) is not None
        }
        generator = precision.at(self.generator, asked) if self.generator is not None else None
        return replace(self, generator=generator, **twins)


def _moved(part: Any, device: torch.device) -> Any:
    return replace(part, network=deepcopy(part.network).to(device))
