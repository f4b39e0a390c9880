"""Keys of an RVC generator, and what the same tensors are called in the network here.

Source: the published facts of RVC (its checkpoint layout).
"""

from collections.abc import Mapping

import torch

CONTENT = "enc_p.emb_phone."
PITCH = "enc_p.emb_pitch."
_OWN = ((CONTENT, "pre."), (PITCH, "enc_p.f0_emb."), ("enc_p.encoder.", "enc_p.enc_."))
"""First parts of keys there and here; all others are called alike."""


def inward(stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors of a file under the network's keys."""
    return {_renamed(key, _OWN): tensor for key, tensor in stored.items()}


def outward(key: str) -> str:
    """The key in a file for one of the network's."""
    return _renamed(key, tuple((here, there) for there, here in _OWN))


def _renamed(key: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        if key.startswith(old):
            return new + key.removeprefix(old)
    return key
