"""What a diffusion model learns: which noise was put into a mel.

Source: Ho et al., "Denoising diffusion probabilistic models", 2020, their simple loss.
"""

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.diffusion import Unit2Mel
from svcfx.chain.diffusion.shallow import normalise
from svcfx.chain.diffusion.unit2mel import SHIFT_SCALE
from svcfx.training.diffusion.batch import Batch


def start(network: Unit2Mel) -> None:
    """Weights to begin with: it says first that there is no noise, and moves from there."""
    for module in network.denoiser.modules():
        if isinstance(module, nn.Conv1d):
            nn.init.kaiming_normal_(module.weight)
    nn.init.zeros_(network.denoiser.output_projection.weight)


def distances(network: Unit2Mel, batch: Batch) -> torch.Tensor:
    """Mean square of what is wrong in the noise that the network finds, (B,)."""
    mel = normalise(batch.mel)
    kept = torch.from_numpy(network.schedule.kept)[batch.level].float().to(mel.device)[:, None, None]
    drowned = kept.sqrt() * mel + (1.0 - kept).sqrt() * batch.noise
    hoisted = network.denoiser.hoist(_condition(network, batch).transpose(1, 2))
    found: torch.Tensor = network.denoiser(drowned, batch.level, hoisted)
    return (found.float() - batch.noise).square().flatten(1).mean(1)


def _condition(network: Unit2Mel, batch: Batch) -> torch.Tensor:
    """(B, T, hidden), each crop with its own key shift."""
    own = network.conditioning
    singer = functional.one_hot(batch.singer, network.sizes.speakers).float()[:, None]
    condition: torch.Tensor = own(batch.content, batch.f0_hz, batch.volume, singer)
    if network.sizes.pitch_shift:
        condition = condition + batch.shift[:, None, None] / SHIFT_SCALE * own.aug_shift_embed.weight[:, 0]
    return condition
