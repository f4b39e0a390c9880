"""The posterior encoder of a generator: singing never uses it, but whoever trains the voice further does.

It is kept beside a converted generator, in upstream's own layout, and opened only when the voice is exported
or trained.
"""

from pathlib import Path

import torch

from svcfx.chain.checkpoint import stored
from svcfx.chain.checkpoint.export import layout
from svcfx.chain.checkpoint.generator import tensors_of
from svcfx.chain.vits import VitsConfig

POSTERIOR_FORM = "svcfx-posterior-1"


def save_posterior(model: Path, config: VitsConfig, path: Path) -> bool:
    """Write the posterior encoder of a `G_*.pth`; False when the file has none, or only parts of one."""
    found = {key: value for key, value in tensors_of(model).items() if key.startswith(layout.POSTERIOR)}
    if not _fits(found, config):
        return False
    stored.write(path, POSTERIOR_FORM, {}, found)
    return True


def load_posterior(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by the keys of a `G_*.pth`; raises `VoiceError` when the file is damaged."""
    return stored.read(path, POSTERIOR_FORM)[1]


def _fits(found: dict[str, torch.Tensor], config: VitsConfig) -> bool:
    first = found.get(f"{layout.POSTERIOR}pre.weight")
    if first is None or first.dim() != 3:
        return False
    wanted = layout.shapes(config, first.shape[1]).items()
    whole = {key: shape for key, shape in wanted if key.startswith(layout.POSTERIOR)}
    return {key: tuple(tensor.shape) for key, tensor in found.items()} == whole
