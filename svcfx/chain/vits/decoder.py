"""The NSF-HiFiGAN decoder: latent, singer and an excitation that already sings the right pitch."""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.hifigan import LAST_SLOPE, SLOPE
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.layers import SINGING, Layers
from svcfx.chain.vits.snake import Snake
from svcfx.chain.vits.source import HarmonicSource
from svcfx.chain.vits.upsampling import UpsamplingDecoder


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
