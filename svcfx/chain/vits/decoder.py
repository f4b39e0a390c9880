"""The NSF-HiFiGAN decoder: latent, singer and an excitation that already sings the right pitch.

The excitation is partials of f0 and a little noise, mixed to one signal. Source of the idea: Wang, Takaki,
Yamagishi, "Neural source-filter-based waveform model", 2019.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.hifigan import LAST_SLOPE, SLOPE
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.layers import SINGING, Layers
from svcfx.chain.vits.snake import Snake
from svcfx.chain.vits.upsampling import UpsamplingDecoder

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


class SourceFilterDecoder(UpsamplingDecoder):
    """Latent (B, Z, T), speaker (B, G, 1 or T), excitation (B, 1, N) or None -> audio (B, N).

    The plain "hifigan" hears no excitation, and has no layers for one.
    """

    def __init__(self, config: VitsConfig, made: Layers = SINGING) -> None:
        super().__init__()
        snake = config.decoder == "nsf-snake-hifigan"
        if config.decoder != "hifigan":
            self.m_source = HarmonicSource(config.sample_rate, config.hop, config.partials)
            self.noise_convs = nn.ModuleList(
                _lower(math.prod(config.rates[stage + 1 :]), config.stage_width(stage), made)
                for stage in range(len(config.rates))
            )
        self.grow(config, made, snake=snake)
        if snake:
            widths = [config.initial, *(config.stage_width(i) for i in range(len(config.rates) - 1))]
            self.snakes = nn.ModuleList(Snake(width) for width in widths)
        self.conv_post = made.small(self.last_width, 1, 7, padding=3, bias=config.last_bias)
        if snake:
            self.snake_post = Snake(self.last_width)
        self.cond = made.conv(config.speaker_width, config.initial, 1)

    def forward(
        self, latent: torch.Tensor, speaker: torch.Tensor, source: torch.Tensor | None
    ) -> torch.Tensor:
        x = self.conv_pre(latent) + self.cond(speaker)
        for stage, up in enumerate(self.ups):
            x = up(self._bend(stage, x))
            if source is not None:
                x = x.add_(self.noise_convs[stage](source))
            x = self.mean_of_blocks(stage, x)
        return torch.tanh(self.conv_post(self._last_bend(x)))[:, 0]

    def between(
        self,
        kept: tuple[int, int] | None,
        latent: torch.Tensor,
        speaker: torch.Tensor,
        source: torch.Tensor | None,
    ) -> torch.Tensor:
        """Audio (B, N), worked out from one frame to before another and 0 further off; None: all of it."""
        if kept is None:
            whole: torch.Tensor = self(latent, speaker, source)
            return whole
        first, stop = max(kept[0] - self.heard_frames, 0), min(kept[1] + self.heard_frames, latent.shape[-1])
        samples = slice(first * self.hop, stop * self.hop)
        audio = latent.new_zeros(len(latent), latent.shape[-1] * self.hop)
        audio[:, samples] = self(
            latent[..., first:stop],
            speaker if speaker.shape[-1] == 1 else speaker[..., first:stop],
            None if source is None else source[..., samples],
        )
        return audio

    def _bend(self, stage: int, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "snakes"):
            y: torch.Tensor = self.snakes[stage](x)
            return y
        return functional.leaky_relu(x, SLOPE, inplace=True)  # nobody reads it again

    def _last_bend(self, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "snake_post"):
            y: torch.Tensor = self.snake_post(x)
            return y
        return functional.leaky_relu(x, LAST_SLOPE)


def _lower(stride: int, width: int, made: Layers) -> nn.Module:
    """The convolution that takes the excitation down to a stage's rate."""
    if stride == 1:
        return made.conv(1, width, 1)
    return made.conv(1, width, 2 * stride, stride, (stride + 1) // 2)
