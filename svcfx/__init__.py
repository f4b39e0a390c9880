"""svcfx: a batch audio plugin host that sings.

Names arrive when they are first used (PEP 562), so that `svcfx --help` loads neither torch nor pedalboard.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svcfx.board import Board as Board
    from svcfx.node import Formant as Formant
    from svcfx.node import Retune as Retune
    from svcfx.node import VoiceConversion as VoiceConversion

__version__ = "0.1.0"

_HOMES = {
    "Board": "svcfx.board",
    "Formant": "svcfx.node",
    "Retune": "svcfx.node",
    "VoiceConversion": "svcfx.node",
    "Lane": "svcfx.lanes",
    "SvcfxError": "svcfx.errors",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'svcfx' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
