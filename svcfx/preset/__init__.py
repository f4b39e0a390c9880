"""Presets: boards saved as files."""

from importlib import import_module
from typing import TYPE_CHECKING

from svcfx.preset.document import Preset
from svcfx.preset.store import check, load, locate, names, opened, outline, save

if TYPE_CHECKING:
    from svcfx.preset.writing import edited as edited
    from svcfx.preset.writing import from_board as from_board

__all__ = ["Preset", "check", "edited", "from_board", "load", "locate", "names", "opened", "outline", "save"]


def __getattr__(name: str) -> object:
    if name in ("edited", "from_board"):
        return getattr(import_module("svcfx.preset.writing"), name)
    raise AttributeError(f"module 'svcfx.preset' has no attribute '{name}'")
