"""What a so-vits-svc or RVC voice is put together from, in memory, with the hashes of its files."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from svcfx.chain import families
from svcfx.chain.config import Precision
from svcfx.chain.content.builtin import BuiltinEncoder
from svcfx.chain.content.contentvec import Encoder
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.families import DIFFUSION, Family
from svcfx.chain.nets import precision
from svcfx.chain.parametric.level import Level
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.chain.vocoder import Vocoder

CPU = torch.device("cpu")
_NETWORKS = ("generator", "refiner", "vocoder", "content")


@dataclass(frozen=True, kw_only=True, eq=False)
class VoiceParts:
    """One voice; its generator, else its refiner, says what it is. Networks are in evaluation mode.

    Attributes:
        name: What it is called on the shelf; "" before it lies there.
        content: The content encoder; None of a voice that reads a shared one and was not put together yet.
            The builtin one hears by the level of the stem, see `about`.
        hashes: SHA-256 of each file that the parts are from, by the part's name; none before it is kept.
        left_out: What lay beside it, does not fit, and is not needed: one sentence each.
        device: Where all networks lie.
    """

    name: str = ""
    generator: OpenedGenerator | None = None
    refiner: Refiner | None = None
    vocoder: Vocoder | None = None
    bank: Bank | None = None
    content: Encoder | BuiltinEncoder | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    device: torch.device = CPU

    @property
    def family(self) -> Family:
        """The family, as a card has it."""
        return DIFFUSION if self.generator is None else families.titled(self.generator.family)

    @property
    def title(self) -> str:
        """The family in words, such as "so-vits-svc 4.0"."""
        return DIFFUSION.title if self.generator is None else self.generator.family

    @property
    def content_encoder(self) -> str:
        """The content encoder that the voice was trained with, "vec256l9", "vec768l12" or "builtin"."""
        return self._singing_refiner.encoder if self.generator is None else self.generator.content_encoder

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self._sings.sample_rate

    @property
    def hop(self) -> int:
        """Samples a frame."""
        return self._sings.hop

    @property
    def unit_mode(self) -> str:
        """How units are spread over frames, as `units.spread` names it."""
        return self._sings.unit_mode

    @property
    def singers(self) -> Mapping[str, int]:
        """Row of each name in the speaker table."""
        return self._sings.singers

    @property
    def encoder(self) -> Encoder | BuiltinEncoder:
        """What a voice that was put together hears content with."""
        assert self.content is not None
        return self.content

    @property
    def _sings(self) -> OpenedGenerator | Refiner:
        return self._singing_refiner if self.generator is None else self.generator

    @property
    def _singing_refiner(self) -> Refiner:
        assert self.refiner is not None, "a voice has a generator or a refiner"
        return self.refiner

    def on(self, device: torch.device) -> "VoiceParts":
        """The same voice with its networks on that device; itself when they are there already."""
        if device == self.device:
            return self
        return replace(self._each(lambda network: deepcopy(network).to(device)), device=device)

    def about(self, level: Callable[[BuiltinEncoder], Level | None]) -> "VoiceParts":
        """The same voice for a stem of that level, which only the builtin encoder asks for."""
        if not isinstance(self.content, BuiltinEncoder):
            return self
        return replace(self, content=self.content.about(level(self.content)))

    def at(self, asked: Precision) -> "VoiceParts":
        """The same voice in that precision; raises `ParamError` where the device has no bfloat16."""
        changed = self._each(lambda network: precision.at(network, asked))
        return self if asked == "fp32" else changed

    def _each(self, changed: Callable[[Any], Any]) -> "VoiceParts":
        """The same voice with every network changed."""
        parts = {name: part for name in _NETWORKS if (part := getattr(self, name)) is not None}
        return replace(self, **{n: replace(part, network=changed(part.network)) for n, part in parts.items()})
