"""What a voice's sound depends on, by its card and the files beside it: nothing is loaded."""

from pathlib import Path

from svcfx import digest
from svcfx.chain.families import BUILTIN
from svcfx.chain.pitch import identity
from svcfx.voices import shelf
from svcfx.voices.card import Card, read

_OF_SOUND = {"family", "rate", "content_encoder", "k_step_max", "index", "stream"}
"""What a card says that is heard; the rest is for people."""


def facts(name: str, pitch: str, where: str = "") -> dict[str, object]:
    """Plain values that two voices share when they sing the same on this machine, by that pitch tracker and
    on the device called `where`.

    Raises:
        VoiceError: Nobody is called `name`.
    """
    card = shelf.find(name)
    return {
        "card": card.model_dump(include=_OF_SOUND),
        "parts": {part: known.sha256 for part, known in card.parts.items()},
        "encoder": _encoder(card),
        "tracker": identity(pitch),
        "device": _device(card, where),
    }


def _encoder(card: Card) -> str:
    """The hash of the content encoder that voices share; "" for a voice that has its own."""
    if card.is_one_file or "content" in card.parts:
        return ""
    if card.content_encoder == BUILTIN:
        return read(shelf.BUILTIN / "card.toml").sha256
    from svcfx.voices import encoder  # here: it loads torch

    path: Path = encoder.file_of(card.content_encoder)
    return digest.of_file(path) if path.is_file() else ""


def device_of(card: Card, where: str = "") -> str:
    """Where the voice's networks run, or would run, on this machine: "cpu", "cuda:0"."""
    if card.is_one_file:
        return "cpu"
    from svcfx.chain import device  # here: it loads torch

    return str(device.resolve(where))


def _device(card: Card, where: str) -> dict[str, object]:
    """The device's class, and what its kernels depend on; voices of one file run on one thread of a CPU."""
    if card.is_one_file:
        return {"class": "cpu", "threads": 1}
    from svcfx.chain import device

    name = device_of(card, where)
    return {"class": name.partition(":")[0], **device.facts(name)}
