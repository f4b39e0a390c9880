"""The excitation that the decoder shapes: partials of f0 and a little noise, mixed to one signal.

Source of the idea: Wang, Takaki, Yamagishi, "Neural source-filter-based waveform model", 2019.
"""

import math

import torch
from torch import nn

SINE_AMPLITUDE = 0.1
VOICED_NOISE = 0.003
UNVOICED_NOISE = SINE_AMPLITUDE / 3


class HarmonicSource(nn.Module):
    """f0 (B, T) in Hz -> excitation (B, 1, hop * T). Partials above Nyquist alias, as trained."""

    def __init__(self, sample_rate: int, hop: int, partials: int) -> None:
        super().__init__()
        self.sample_rate, self.hop = sample_rate, hop
        self.l_linear = nn.Linear(partials, 1)

    def forward(
        self, f0_hz: torch.Tensor, phases: torch.Tensor | None = None, noise: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Mix the partials.

        Args:
            f0_hz: (B, T), 0 where unvoiced; each value holds for `hop` samples.
            phases: Start of each partial in cycles, (B, partials), first column 0; None starts all at 0.
            noise: Standard normal, (B, partials, hop * T), scaled here by voicing; None adds none.
        """
        voiced = (f0_hz > 0).to(f0_hz.dtype).repeat_interleave(self.hop, -1)
        loudness = voiced * VOICED_NOISE + (1.0 - voiced) * UNVOICED_NOISE
        total = self.l_linear.bias.reshape(1, 1).expand(voiced.shape)
        for index, weight in enumerate(self.l_linear.weight[0]):
            start = phases[:, index] if phases is not None else f0_hz.new_zeros(f0_hz.shape[0])
            wave = SINE_AMPLITUDE * self.partial(f0_hz, index + 1, start) * voiced
            if noise is not None:
                wave = wave + loudness * noise[:, index]
            total = total + weight * wave
        return torch.tanh(total)[:, None]

    def partial(self, f0_hz: torch.Tensor, number: int, start: torch.Tensor) -> torch.Tensor:
        """One partial (B, hop * T), amplitude 1, from `start` (B,) in cycles.

        The step is rounded as float32 rounds it, as in training; its sum is float64, for a float32 sum would
        drift out of tune after seconds. Whole frames are summed first and each is filled from its own start,
        so no rounding grows with time.
        """
        step = ((f0_hz * number / self.sample_rate) % 1.0).double()
        ends = torch.frac(torch.cumsum(step * self.hop, -1))
        begins = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], -1) + start.double()[:, None]
        # The first sample already carries its own step.
        inside = torch.arange(1, self.hop + 1, dtype=torch.float64, device=f0_hz.device)
        cycles = torch.frac(begins[..., None] + step[..., None] * inside)
        return torch.sin(2.0 * math.pi * cycles.to(f0_hz.dtype)).flatten(1)
