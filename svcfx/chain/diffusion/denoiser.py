"""The WaveNet that says what of a noisy mel is noise.

B batch, T frames, M mel bins, C channels, H condition channels.

Source: A. van den Oord et al., "WaveNet", 2016, non-causal, as DiffSinger uses it (Liu et al., 2022).
"""

import math
from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.conv import Conv1d


class _Layer(nn.Module):
    """One gated convolution. What it reads of the condition is computed outside, once for all steps."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.dilated_conv = Conv1d(channels, 2 * channels, 3, padding=1)
        self.diffusion_projection = nn.Linear(channels, channels)
        self.conditioner_projection = Conv1d(condition, 2 * channels, 1)
        self.output_projection = Conv1d(channels, 2 * channels, 1)

    def forward(
        self, x: torch.Tensor, step: torch.Tensor, condition: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """x (B, C, T), step embedding (B, C), condition (B, 2C, T) -> next x and skip, both (B, C, T)."""
        shifted = x + self.diffusion_projection(step)[:, :, None]
        gate, content = (self.dilated_conv(shifted) + condition).chunk(2, dim=1)
        residual, skip = self.output_projection(torch.sigmoid(gate) * torch.tanh(content)).chunk(2, dim=1)
        return (x + residual) / math.sqrt(2.0), skip


class Denoiser(nn.Module):
    """eps(x, t, condition): the noise in a normalised mel at model time t, which may be a fraction."""

    def __init__(self, bins: int, channels: int, layers: int, condition: int) -> None:
        super().__init__()
        self.channels = channels
        self.input_projection = Conv1d(bins, channels, 1)
        self.mlp = nn.Sequential(
            nn.Linear(channels, 4 * channels), nn.Mish(), nn.Linear(4 * channels, channels)
        )
        self.residual_layers = nn.ModuleList(_Layer(channels, condition) for _ in range(layers))
        self.skip_projection = Conv1d(channels, channels, 1)
        self.output_projection = Conv1d(channels, bins, 1)

    def hoist(self, condition: torch.Tensor) -> list[torch.Tensor]:
        """What each layer adds of the condition (B, H, T): the same at every step, so computed once.

        One (B, 2C, T) tensor a layer: 7 MB a second of sound at the usual size.
        """
        return [layer.conditioner_projection(condition) for layer in self._layers()]

    def forward(
        self, x: torch.Tensor, time: float | torch.Tensor, hoisted: list[torch.Tensor]
    ) -> torch.Tensor:
        """Noise estimate for x (B, M, T) -> (B, M, T), at one time for all or at one for each, (B,)."""
        step = self.step_embedding(time, x)
        hidden = functional.relu(self.input_projection(x))
        total = torch.zeros_like(hidden)
        for layer, condition in zip(self._layers(), hoisted, strict=True):
            hidden, skip = layer(hidden, step, condition)
            total = total + skip
        total = total / math.sqrt(len(self.residual_layers))
        return torch.as_tensor(self.output_projection(functional.relu(self.skip_projection(total))))

    def step_embedding(self, time: float | torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        """What the layers are told of the time, (1, C) or (B, C)."""
        return torch.as_tensor(self.mlp(self.sinusoid(time).to(like)))

    def sinusoid(self, time: float | torch.Tensor) -> torch.Tensor:
        """The time on a ladder of sines and cosines, (1, C), or (B, C) for times (B,); on the CPU.

        In single precision, as in training: at time 999 the rounding of the angle is heard by the network.
        """
        half = self.channels // 2
        rates = torch.exp(-math.log(10000.0) / (half - 1) * torch.arange(half, dtype=torch.float32))
        angles = torch.as_tensor(time, dtype=torch.float32).cpu().reshape(-1, 1) * rates
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    def _layers(self) -> Iterable[_Layer]:
        for layer in self.residual_layers:
            assert isinstance(layer, _Layer)
            yield layer
