"""The parts of a voice as files beside its card, each a safetensors file that opens without a pickle.

Together with the content encoder that voices share they are a voice that sings.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from svcfx import digest
from svcfx.chain import device
from svcfx.chain.checkpoint import converted, save_posterior
from svcfx.chain.content.contentvec import Encoder
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.voice import SvcVoice
from svcfx.voices import encoder
from svcfx.voices.card import Card, CardPart, PartName, sha256_of
from svcfx.voices.folder import VoiceFiles

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
_encoders: dict[tuple[str, str, str], tuple[Encoder, str]] = {}


def save(
    opened: VoiceParts, found: VoiceFiles, folder: Path, *, posterior: bool = False
) -> dict[PartName, CardPart]:
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
    kept: dict[PartName, CardPart] = {}
    for name, source in sources.items():
        part = getattr(opened, name)
        if part is None or source is None:
            continue
        path = folder / f"{name}.safetensors"
        _SAVE[name](part, path)
        licence = first_line(part.licence) if name == "vocoder" else ""
        kept[name] = CardPart(file=path.name, sha256=sha256_of(path), source=source.name, licence=licence)
    if posterior and opened.generator is not None and found.generator is not None:
        path = folder / "posterior.safetensors"
        if save_posterior(found.generator, opened.generator.network.config, path):
            kept["posterior"] = CardPart(file=path.name, sha256=sha256_of(path), source=found.generator.name)
    return kept


def load(card: Card) -> VoiceParts:
    """Open what `save` wrote; raises `VoiceError` when a part is damaged."""
    opened = {name: _LOAD[name](card.path_of(name)) for name in card.parts if name in _LOAD}
    hashes: dict[str, str] = {name: card.parts[name].sha256 for name in opened}
    return VoiceParts(name=card.name, hashes=hashes, **opened)


def voice(card: Card, where: str = "") -> SvcVoice:
    """Open every part of a voice, the content encoder that it shares too, on the device called `where`.

    Raises:
        MissingPartError: The content encoder is not here.
        VoiceError: A part is damaged.
    """
    parts = load(card)
    if parts.content is None:
        content, sha256 = _heard_by(card)
        parts = replace(parts, content=content, hashes={**parts.hashes, "encoder": sha256})
    return SvcVoice(parts.on(device.resolve(where)))


def _heard_by(card: Card) -> tuple[Encoder, str]:
    """The encoder that a voice reads, one of a kind for the whole process, and its file's hash."""
    known = encoder.facts()
    key = (str(encoder.place()), card.content_encoder, "" if known is None else known.sha256)
    if key not in _encoders:
        opened = encoder.load(card.content_encoder, card.name)
        _encoders[key] = opened, digest.of_file(encoder.file_of(card.content_encoder))
    return _encoders[key]


def first_line(text: str) -> str:
    """The line of a licence that names it, at most 200 characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else ""
