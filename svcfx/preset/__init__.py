"""Presets: boards saved as files."""

from importlib import import_module
from typing import TYPE_CHECKING

from svcfx.preset.document import Preset
from svcfx.preset.store import (
    check,
    foreseen,
    holds_plugins,
    load,
    locate,
    names,
    opened,
    outline,
    resolved,
    save,
)

if TYPE_CHECKING:
    from svcfx.preset.changing import changed as changed
    from svcfx.preset.checking import mistakes as mistakes
    from svcfx.preset.writing import edited as edited
    from svcfx.preset.writing import from_board as from_board

__all__ = [
    "Preset",
    "changed",
    "check",
    "edited",
    "foreseen",
    "from_board",
    "holds_plugins",
    "load",
    "locate",
    "mistakes",
    "names",
    "opened",
    "outline",
    "resolved",
    "save",
]
_LOADS_PEDALBOARD = {
    "changed": "changing",
    "edited": "writing",
    "from_board": "writing",
    "mistakes": "checking",
}


def __getattr__(name: str) -> object:
    if name in _LOADS_PEDALBOARD:
        return getattr(import_module(f"svcfx.preset.{_LOADS_PEDALBOARD[name]}"), name)
    raise AttributeError(f"module 'svcfx.preset' has no attribute '{name}'")
