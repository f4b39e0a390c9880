"""The parts of a voice as files beside its card, each a safetensors file that opens without a pickle."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from svcfx.chain.checkpoint import converted, save_posterior
from svcfx.voices.card import Card, Part, PartName, sha256_of
from svcfx.voices.folder import Found
from svcfx.voices.opening import Opened

_PARTS: tuple[PartName, ...] = ("generator", "refiner", "vocoder", "bank", "content")
_SAVE: Mapping[PartName, Callable[[Any, Path], None]] = {
    "generator": converted.save,
    "refiner": converted.save_refiner,
    "vocoder": converted.save_vocoder,
    "bank": converted.save_bank,
    "content": converted.save_content,
}
_LOAD: Mapping[PartName, Callable[[Path], Any]] = {
    "generator": converted.load,
    "refiner": converted.load_refiner,
    "vocoder": converted.load_vocoder,
    "bank": converted.load_bank,
    "content": converted.load_content,
}


def save(opened: Opened, found: Found, folder: Path, *, posterior: bool = False) -> dict[PartName, Part]:
    """Write each part that there is to `<part>.safetensors`; returns what a card says of them.

    Args:
        posterior: Whether to keep the posterior encoder too, which only export and training use.
    """
    sources: Mapping[PartName, Path | None] = {
        "generator": found.generator,
        "refiner": found.refiner,
        "vocoder": found.vocoder,
        "bank": found.index,
        "content": found.content,
    }
    kept: dict[PartName, Part] = {}
    for name, source in sources.items():
        part = getattr(opened, name)
        if part is None or source is None:
            continue
        path = folder / f"{name}.safetensors"
        _SAVE[name](part, path)
        licence = first_line(part.licence) if name == "vocoder" else ""
        kept[name] = Part(file=path.name, sha256=sha256_of(path), source=source.name, licence=licence)
    if posterior and opened.generator is not None and found.generator is not None:
        path = folder / "posterior.safetensors"
        if save_posterior(found.generator, opened.generator.network.config, path):
            kept["posterior"] = Part(file=path.name, sha256=sha256_of(path), source=found.generator.name)
    return kept


def load(card: Card) -> Opened:
    """Open what `save` wrote; raises `VoiceError` when a part is damaged."""
    parts = {name: _LOAD[name](card.path_of(name)) for name in card.parts if name in _LOAD}
    generator, refiner, vocoder, bank, content = (parts.get(name) for name in _PARTS)
    return Opened(generator, refiner, vocoder, bank, content)


def first_line(text: str) -> str:
    """The line of a licence that names it, at most 200 characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else ""
