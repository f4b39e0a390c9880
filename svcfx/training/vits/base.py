"""The voice that a training begins with: files here, a voice on the shelf, or a pinned place on the hub."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from svcfx.chain.checkpoint import load_posterior, tensors
from svcfx.errors import VoiceError
from svcfx.voices import keeping, shelf, source
from svcfx.voices.folder import Choice
from svcfx.voices.repository import SCHEME

Tensors = dict[str, torch.Tensor]
_STEPPED = re.compile(r"^G_(\d+)\.pth$")
_WHAT = "a so-vits-svc checkpoint"


@dataclass(frozen=True)
class Base:
    """Tensors to begin with; `critics` is None where only the generator is there."""

    name: str
    generator: Tensors
    critics: Tensors | None = None


def open_base(text: str, on_note: Callable[[str], None]) -> Base:
    """Open a G_*.pth (a D_*.pth of the same step beside it is taken too), a folder with one, a voice, or hf:.

    Args:
        text: A path, the name of a voice on the shelf, or hf:owner/repo@revision[/subfolder].

    Raises:
        VoiceError: There is no such thing, or it cannot be read.
        HubError: The hub did not answer; the same files in a folder serve as well.
    """
    path = Path(text).expanduser()
    if text.startswith(SCHEME):
        found = source.bring(text, Choice(), on_note).found.generator
        if found is None:
            raise VoiceError(f"'{text}' holds no G_*.pth")
        return _of_file(found)
    if path.is_dir():
        return _of_file(_newest(path))
    if path.is_file():
        return _of_file(path)
    return _of_shelf(text)


def _of_shelf(name: str) -> Base:
    """The generator of a voice, with its posterior encoder where that was kept."""
    card = shelf.find(name)
    opened = keeping.load(card)
    if opened.generator is None:
        raise VoiceError(f"voice '{name}' has no generator to begin with")
    kept = dict(opened.generator.network.state_dict())
    if "posterior" in card.parts:
        kept |= load_posterior(card.path_of("posterior"))
    return Base(name, kept)


def _newest(folder: Path) -> Path:
    steps = {int(m[1]): path for path in folder.iterdir() if (m := _STEPPED.match(path.name))}
    if not steps:
        raise VoiceError(f"'{folder}' holds no G_<step>.pth")
    return steps[max(steps)]


def _of_file(path: Path) -> Base:
    beside = path.with_name(path.name.replace("G_", "D_", 1))
    critics = tensors.under(beside, "model", _WHAT) if beside != path and beside.is_file() else None
    return Base(path.name, tensors.under(path, "model", _WHAT), critics)
