"""Nodes: one effect each, called as pedalboard's are.

Names arrive when they are first used (PEP 562): `svcfx.node.knobs` must not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svcfx.node.effect import Effect as Effect
    from svcfx.node.formant import Formant as Formant
    from svcfx.node.protocol import Node as Node
    from svcfx.node.retune import Retune as Retune
    from svcfx.node.voice import VoiceConversion as VoiceConversion

_HOMES = {
    "Effect": "svcfx.node.effect",
    "Formant": "svcfx.node.formant",
    "Node": "svcfx.node.protocol",
    "Retune": "svcfx.node.retune",
    "VoiceConversion": "svcfx.node.voice",
}
__all__ = ["Effect", "Formant", "Node", "Retune", "VoiceConversion"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'svcfx.node' has no attribute '{name}'")
