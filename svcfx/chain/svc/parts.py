"""What a so-vits-svc voice is put together from, opened and known to fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import torch

from svcfx.chain.bank import Bank
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.vits import Generator
from svcfx.chain.vocoder import Vocoder

Family = Literal["sovits40", "fork", "sovits41", "diffusion"]
"""The last one is a diffusion model that sings without a generator."""


class Encoder(Protocol):
    """Content of audio at 16 kHz: (B, samples) -> (B, C, S)."""

    def __call__(self, audio16k: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """One voice. Networks are in evaluation mode and never written.

    Attributes:
        sample_rate: Hz. hop: samples a frame.
        singers: Row of each name in the speaker table.
        unit_mode: How units are spread over frames, as `units.spread` names it.
    """

    name: str
    family: Family
    sample_rate: int
    hop: int
    singers: Mapping[str, int]
    encoder: Encoder
    unit_mode: str
    generator: Generator | None = None
    refiner: Refiner | None = None
    vocoder: Vocoder | None = None
    bank: Bank | None = None
