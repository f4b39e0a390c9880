"""The parametric voices as a family whose voices are one file (see `svcfx.chain.own`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svcfx.chain.own import Described, Outlook
from svcfx.chain.parametric import limits
from svcfx.chain.voice import Voice
from svcfx.errors import VoiceError


def reads(checkpoint: Path) -> bool:
    """Never: they ship, or are made here, with a card."""
    return False


def convert(checkpoint: Path, weights: Path) -> Described:
    """Never asked for."""
    raise VoiceError(f"'{checkpoint.name}' is made by `svcfx train run` or `svcfx voices clone` alone")


def outlook(header: Mapping[str, Any]) -> Outlook:
    """By the header: refiner, index and ear are seen there."""
    seen = limits.PartsHad("refiner" in header, "index" in header["tensors"], "ear" in header)
    return Outlook(
        limits.have(seen), limits.defaults(seen), limits.cost(refined=False), limits.cost(refined=True)
    )


def opened(name: str, weights: Path, loudness_db: float, sha256: str) -> Voice:
    """The voice."""
    from svcfx.chain.parametric import network  # here: torch is only loaded to sing
    from svcfx.chain.parametric.voice import ParametricVoice

    return ParametricVoice(name, network.load(weights), loudness_db, sha256)
