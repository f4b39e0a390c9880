"""Unit2Mel: the conditioning of a 4.1 diffusion model around its denoiser.

B batch, T frames of the mel. Tensors in, tensors out; a file is read elsewhere.

Source: the published facts of so-vits-svc 4.1 and Diffusion-SVC.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from svcfx.chain.diffusion.denoiser import Denoiser
from svcfx.chain.diffusion.schedule import NoiseSchedule
from svcfx.chain.nets.weights import Rows, fill
from svcfx.errors import VoiceError

SHIFT_SCALE = 5.0
"""Semitones of key shift that the model is told as 1."""
_NET = "decoder.denoise_fn."
_TABLE_ERROR = 1e-5
_MEL_LIMITS = {"decoder.spec_min": -12.0, "decoder.spec_max": 2.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Sizes that diffusion.yaml gives, and the mel's bins."""

    units: int
    layers: int = 20
    channels: int = 512
    hidden: int = 256
    bins: int = 128
    speakers: int = 1
    pitch_shift: bool = True
    timesteps: int = 1000


class Conditioning(nn.Module):
    """Units, f0, loudness and singer become one vector a frame."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.unit_embed = nn.Linear(sizes.units, sizes.hidden)
        self.f0_embed = nn.Linear(1, sizes.hidden)
        self.volume_embed = nn.Linear(1, sizes.hidden)
        if sizes.pitch_shift:
            self.aug_shift_embed = nn.Linear(1, sizes.hidden, bias=False)
        if sizes.speakers > 1:
            self.spk_embed = Rows(sizes.speakers, sizes.hidden)
        self.sizes = sizes

    def forward(
        self,
        units: torch.Tensor,
        f0_hz: torch.Tensor,
        volume: torch.Tensor,
        mix: torch.Tensor | None = None,
        shift_semitones: float = 0.0,
    ) -> torch.Tensor:
        """Condition, (B, T, hidden).

        Args:
            units: (B, T, units).
            f0_hz: (B, T); volume: (B, T), RMS.
            mix: Weights of the speakers, (B, T, speakers) or (B, 1, speakers); needed with more than one.
            shift_semitones: Key shift of the training mel; rendering leaves it at 0.

        Raises:
            VoiceError: A model of several speakers is given no mix, or a shift it was not trained with.
        """
        x = self.unit_embed(units) + self.f0_embed(torch.log1p(f0_hz / 700.0)[..., None])
        x = x + self.volume_embed(volume[..., None])
        if self.sizes.speakers > 1:
            if mix is None:
                raise VoiceError(
                    f"the diffusion model has {self.sizes.speakers} speakers and none was chosen"
                )
            x = x + mix @ self.spk_embed.weight
        if shift_semitones:
            if not self.sizes.pitch_shift:
                raise VoiceError(f"the diffusion model knows no key shift, {shift_semitones:g} was asked for")
            x = x + self.aug_shift_embed.weight[:, 0] * (shift_semitones / SHIFT_SCALE)
        return torch.as_tensor(x)


class Unit2Mel(nn.Module):
    """Conditioning, denoiser and the schedule that both were trained on."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.conditioning = Conditioning(sizes)
        self.denoiser = Denoiser(sizes.bins, sizes.channels, sizes.layers, sizes.hidden)
        self.schedule = NoiseSchedule(sizes.timesteps)
        self.sizes = sizes


def build(sizes: Sizes, tensors: Mapping[str, torch.Tensor], name: str = "diffusion model") -> Unit2Mel:
    """Build the model from the tensors of a 4.1 file, stored tables and all.

    Raises:
        VoiceError: A key or shape differs from what the sizes say, or the file has another schedule.
    """
    _require_schedule(sizes, tensors, name)
    with torch.device("meta"):
        net = Unit2Mel(sizes)
    fill(net, own_tensors(tensors), name)
    return net


def own_tensors(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of a 4.1 file by the keys of `Unit2Mel`, its tables left out."""
    stored = {f"decoder.{table}" for table in NoiseSchedule(1).tables()} | set(_MEL_LIMITS)
    return {_own_name(key): value for key, value in tensors.items() if key not in stored}


def _own_name(key: str) -> str:
    return f"denoiser.{key[len(_NET) :]}" if key.startswith(_NET) else f"conditioning.{key}"


def _require_schedule(sizes: Sizes, tensors: Mapping[str, torch.Tensor], name: str) -> None:
    betas = tensors.get("decoder.betas")
    if betas is not None:
        ours = NoiseSchedule(sizes.timesteps).betas
        theirs = betas.to(torch.float64).cpu().numpy()
        if theirs.shape != ours.shape:
            raise VoiceError(f"{name} has {theirs.size} noise levels, config says {sizes.timesteps}")
        if float(np.abs(theirs - ours).max()) > _TABLE_ERROR:
            raise VoiceError(f"{name} was trained on a noise schedule other than linear 0.0001 to 0.02")
    for key, value in _MEL_LIMITS.items():
        found = sorted(set(tensors[key].flatten().tolist())) if key in tensors else [value]
        if found != [value]:
            said = ", ".join(f"{limit:g}" for limit in found[:3]) or "empty"
            raise VoiceError(f"{name} has {key} {said}, only {value:g} is known")
