"""The decoders as they are trained: a stretch of latent in, audio out. Order of keys as in upstream's files.

B batch, Z latent channels, T frames, N = hop T samples. Source: Kong et al., HiFi-GAN, 2020.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.snake import Snake
from svcfx.chain.vits.source import HarmonicSource
from svcfx.chain.vits.spectral import TAPS, inverse, synthesis_filters, zero_stuffed_filter
from svcfx.chain.vits.upsampling import LAST_SLOPE, SLOPE
from svcfx.training.vits.normed import NormedConv1d, NormedConvTranspose1d

SPREAD = 0.01
"""Standard deviation of fresh weights in upsampling and residual convolutions."""


class ResidualBlock(nn.Module):
    """Pairs of convolutions, the first of each dilated, each pair added to its input."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...], *, snake: bool) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            NormedConv1d(channels, channels, kernel, padding=d * (kernel - 1) // 2, dilation=d).start(SPREAD)
            for d in dilations
        )
        self.convs2 = nn.ModuleList(
            NormedConv1d(channels, channels, kernel, padding=(kernel - 1) // 2).start(SPREAD)
            for _ in dilations
        )
        if snake:
            self.activations = nn.ModuleList(Snake(channels) for _ in range(2 * len(dilations)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for pair, (first, second) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            x = x + second(self._bend(2 * pair + 1, first(self._bend(2 * pair, x))))
        return x

    def _bend(self, index: int, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "activations"):
            y: torch.Tensor = self.activations[index](x)
            return y
        return functional.leaky_relu(x, SLOPE)


class UpsamplingDecoder(nn.Module):
    """`conv_pre`, transposed convolutions `ups`, and after each the mean of its residual blocks."""

    def grow(self, config: VitsConfig, *, snake: bool = False) -> None:
        """Make the body; called once what comes before it in files is there."""
        self.kernels = len(config.block_kernels)
        self.conv_pre = NormedConv1d(config.inter, config.initial, 7, padding=3)
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        width = config.initial
        for stage, (rate, kernel) in enumerate(zip(config.rates, config.rate_kernels, strict=True)):
            before, width = width, config.stage_width(stage)
            padding = (kernel - rate + 1) // 2
            self.ups.append(NormedConvTranspose1d(before, width, kernel, rate, padding).start(SPREAD))
            self.resblocks.extend(
                ResidualBlock(width, size, dilations, snake=snake)
                for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True)
            )
        self.last_width = width

    def mean_of_blocks(self, stage: int, x: torch.Tensor) -> torch.Tensor:
        """The residual blocks of a stage, averaged."""
        blocks = list(self.resblocks)[stage * self.kernels : (stage + 1) * self.kernels]
        made = [block(x) for block in blocks]
        total = made[0]
        for one in made[1:]:
            total = total + one
        return torch.div(total, len(made))


class SourceFilterDecoder(UpsamplingDecoder):
    """NSF-HiFiGAN: latent (B, Z, T), speaker (B, G, 1), excitation (B, 1, N) -> audio (B, N)."""

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        snake = config.decoder == "nsf-snake-hifigan"
        self.m_source = HarmonicSource(config.sample_rate, config.hop, config.partials)
        self.noise_convs = nn.ModuleList(
            _lower(math.prod(config.rates[stage + 1 :]), config.stage_width(stage))
            for stage in range(len(config.rates))
        )
        self.grow(config, snake=snake)
        if snake:
            widths = [config.initial, *(config.stage_width(i) for i in range(len(config.rates) - 1))]
            self.snakes = nn.ModuleList(Snake(width) for width in widths)
        self.conv_post = NormedConv1d(self.last_width, 1, 7, padding=3).start(SPREAD)
        if snake:
            self.snake_post = Snake(self.last_width)
        self.cond = nn.Conv1d(config.speaker_width, config.initial, 1)

    def forward(self, latent: torch.Tensor, speaker: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        x = self.conv_pre(latent) + self.cond(speaker)
        for stage, (up, lower) in enumerate(zip(self.ups, self.noise_convs, strict=True)):
            x = self.snakes[stage](x) if hasattr(self, "snakes") else functional.leaky_relu(x, SLOPE)
            x = self.mean_of_blocks(stage, up(x) + lower(source))
        x = self.snake_post(x) if hasattr(self, "snake_post") else functional.leaky_relu(x, LAST_SLOPE)
        return torch.tanh(self.conv_post(x))[:, 0]


class SpectralDecoder(UpsamplingDecoder):
    """The iSTFT family: latent (B, Z, T) -> streams (B, S, N / S) -> audio (B, N)."""

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        self.size, self.step = config.istft_size, config.istft_hop
        self.kind, self.bands = config.decoder, 1 if config.decoder == "istft" else config.bands
        if self.kind == "ms-istft":
            stuffing = torch.zeros(self.bands, self.bands, self.bands)
            stuffing[range(self.bands), range(self.bands), 0] = 1.0
            self.register_buffer("updown_filter", stuffing)
        self.grow(config)
        last = NormedConv1d(self.last_width, self.bands * (self.size + 2), 7, padding=3).start(SPREAD)
        self.add_module("conv_post" if self.kind == "istft" else "subband_conv_post", last)
        if self.kind == "ms-istft":
            self.multistream_conv_post = NormedConv1d(self.bands, 1, TAPS, bias=False).start(SPREAD)

    def forward(self, latent: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Audio (B, N) and streams (B, S, N / S)."""
        x = self.conv_pre(latent)
        for stage, up in enumerate(self.ups):
            x = self.mean_of_blocks(stage, up(functional.leaky_relu(x, SLOPE)))
        x = functional.pad(functional.leaky_relu(x, LAST_SLOPE), (1, 0), mode="reflect")
        post = self.conv_post if self.kind == "istft" else self.subband_conv_post
        assert isinstance(post, NormedConv1d)
        with torch.autocast(x.device.type, enabled=False):
            streams = inverse(post(x.float()), self.size, self.step, self.bands)
            return self._joined(streams), streams

    def _joined(self, streams: torch.Tensor) -> torch.Tensor:
        if self.kind == "istft":
            return streams[:, 0]
        if self.kind == "ms-istft":
            return zero_stuffed_filter(streams, self.multistream_conv_post.weight)
        return zero_stuffed_filter(streams, synthesis_filters(self.bands).to(streams))


def _lower(stride: int, width: int) -> nn.Conv1d:
    """The convolution that takes the excitation down to a stage's rate."""
    if stride == 1:
        return nn.Conv1d(1, width, 1)
    return nn.Conv1d(1, width, 2 * stride, stride, (stride + 1) // 2)
