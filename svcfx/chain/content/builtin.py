"""Content as the encoder of the singers that ship hears it: for voices that are trained without a download.

It is an eighth of ContentVec's work and gives as many units a second, 48 values each. A voice keeps the very
encoder that it was trained behind, so it sounds the same whatever ships later.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from svcfx.chain import mel
from svcfx.chain.nets import weights
from svcfx.chain.parametric import level
from svcfx.chain.parametric.ear import Ear, EarConfig
from svcfx.chain.parametric.level import Frames, Level
from svcfx.chain.parametric.nets import STACK, Config, ContentEncoder

if TYPE_CHECKING:
    from svcfx.chain.parametric.network import ParametricNet

KIND, WIDTH = "builtin", 48
FILE = "content.safetensors"
"""What a voice's own copy is called, in a dataset and beside what is trained on it."""
HOP = mel.HOP * STACK
"""Samples a unit, at 16 kHz."""


@dataclass(frozen=True)
class ContentSizes:
    """Of the network, as `nets.Config` has them."""

    encoder_width: int
    encoder_hidden: int
    encoder_lookahead: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class BuiltinEncoder:
    """The encoder, and what it was trained about.

    Attributes:
        reference: mean_mel (80,) of its training material.
        level: Of what is heard; None measures it anew each time.
    """

    sizes: ContentSizes | EarConfig
    network: ContentEncoder | Ear
    reference: Frames
    level: Level | None = None

    name = KIND
    width = WIDTH

    def about(self, found: Level | None) -> "BuiltinEncoder":
        """The same for audio of that level."""
        return replace(self, level=found)

    @property
    def sha256(self) -> str:
        """Of its sizes and numbers: encoders of one hash hear the same."""
        digest = hashlib.sha256(json.dumps(asdict(self.sizes), sort_keys=True).encode())
        for name, tensor in sorted(self.tensors().items()):
            digest.update(name.encode() + tensor.float().contiguous().cpu().numpy().tobytes())
        return digest.hexdigest()

    def tensors(self) -> dict[str, torch.Tensor]:
        """All of its numbers by name."""
        own = {f"encoder.{key}": value for key, value in self.network.state_dict().items()}
        return {**own, "reference": torch.from_numpy(self.reference)}

    def __call__(self, audio16k: torch.Tensor) -> torch.Tensor:
        """Content at 50 units a second: (n,) -> (C, S), or (B, n) -> (B, C, S); S is n / 320, rounded.

        Each row is heard by itself, so its numbers do not depend on the others.
        """
        if audio16k.dim() == 2:
            return torch.stack([self._heard(row) for row in audio16k])
        return self._heard(audio16k)

    def _heard(self, audio16k: torch.Tensor) -> torch.Tensor:
        units = max(1, round(audio16k.shape[-1] / HOP))
        before = mel.WINDOW // 2
        behind = (STACK * units - 1) * mel.HOP + mel.WINDOW - before - audio16k.shape[-1]
        frames = mel.log_mel(functional.pad(audio16k.cpu(), (before, behind))[None])[0].T
        found = level.measure(frames) if self.level is None else self.level
        back, ahead = (
            reach + reach % STACK for reach in (self.network.lookback_frames, self.network.lookahead_frames)
        )
        around = functional.pad(frames, (0, 0, back, ahead), value=mel.FLOOR)
        seen = level.normalise(around, found, self.reference).to(self.network.outward.weight.device)
        content: torch.Tensor = self.network(seen.T[None])[0]
        return content[back // STACK : back // STACK + units].T


def of(net: "ParametricNet") -> BuiltinEncoder:
    """The encoder of a voice that ships."""
    if isinstance(net.encoder, Ear):
        return BuiltinEncoder(net.encoder.config, net.encoder, net.reference)
    sizes = ContentSizes(**{field.name: getattr(net.config, field.name) for field in fields(ContentSizes)})
    return BuiltinEncoder(sizes, net.encoder, net.reference)


def build(
    sizes: ContentSizes | EarConfig, tensors: Mapping[str, torch.Tensor], name: str, hint: str
) -> BuiltinEncoder:
    """The encoder of those sizes, filled; raises `VoiceError` when a tensor does not fit."""
    with torch.device("meta"):
        network = (
            Ear(sizes)
            if isinstance(sizes, EarConfig)
            else ContentEncoder(Config(**asdict(sizes), content=WIDTH))
        )
    own = {key.removeprefix("encoder."): value for key, value in tensors.items() if key != "reference"}
    weights.fill(network, own, name, hint=hint)
    return BuiltinEncoder(sizes, network, tensors["reference"].numpy().astype(np.float32))
