"""Discriminators, which tell singing from what a generator made, each of the waveform or of its periods.

Source: Kong et al., HiFi-GAN, 2020. Keys, order and shapes are upstream's (D_*.pth).
"""

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.hifigan import SLOPE
from svcfx.training.vits.normed import NormedConv1d, NormedConv2d

PERIODS = (2, 3, 5, 7, 11)
VOCODER_SCALES, VOCODER_PERIODS = 3, (3, 5, 7, 11, 17, 23, 37)
"""Of openvpi's releases; the first scale is normed as the others, not by its spectrum."""
Opinion = tuple[torch.Tensor, list[torch.Tensor]]
"""Scores (B, n), and the maps (B, ...) that led to them, the scores' own last."""
_SCALE = (
    (1, 16, 15, 1, 1, 7),
    (16, 64, 41, 4, 4, 20),
    (64, 256, 41, 4, 16, 20),
    (256, 1024, 41, 4, 64, 20),
    (1024, 1024, 41, 4, 256, 20),
    (1024, 1024, 5, 1, 1, 2),
)
"""In, out, kernel, stride, groups, padding."""
_PERIOD = ((1, 32, 3), (32, 128, 3), (128, 512, 3), (512, 1024, 3), (1024, 1024, 1))
"""In, out, stride; the kernel is 5 in time."""


class ScaleDiscriminator(nn.Module):
    """Hears the waveform as it is, (B, N)."""

    def __init__(self, narrow: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            NormedConv1d(
                _narrowed(inward, narrow), _narrowed(outward, narrow), kernel, stride, padding,
                groups=max(1, groups // narrow),
            )
            for inward, outward, kernel, stride, groups, padding in _SCALE
        )  # fmt: skip
        self.conv_post = NormedConv1d(_narrowed(1024, narrow), 1, 3, padding=1)

    def forward(self, audio: torch.Tensor) -> Opinion:
        return _opinion(self, audio[:, None])


class PeriodDiscriminator(nn.Module):
    """Hears every `period`-th sample together, (B, N)."""

    def __init__(self, period: int, narrow: int) -> None:
        super().__init__()
        self.period = period
        self.convs = nn.ModuleList(
            NormedConv2d(_narrowed(inward, narrow), _narrowed(outward, narrow), 5, stride, 2)
            for inward, outward, stride in _PERIOD
        )
        self.conv_post = NormedConv2d(_narrowed(1024, narrow), 1, 3, 1, 1)

    def forward(self, audio: torch.Tensor) -> Opinion:
        x = functional.pad(audio[:, None], (0, -audio.shape[-1] % self.period), mode="reflect")
        return _opinion(self, x.reshape(len(x), 1, -1, self.period))


class Discriminators(nn.Module):
    """All six; the scale discriminator comes first. `narrow` divides their channels, for small voices."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(
            [ScaleDiscriminator(narrow), *(PeriodDiscriminator(period, narrow) for period in PERIODS)]
        )

    def forward(self, audio: torch.Tensor) -> list[Opinion]:
        """One opinion from each on audio (B, N)."""
        return [discriminator(audio) for discriminator in self.discriminators]


class VocoderDiscriminators(nn.Module):
    """All ten; `narrow` divides their channels."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.scales = nn.ModuleList(ScaleDiscriminator(narrow) for _ in range(VOCODER_SCALES))
        self.periods = nn.ModuleList(PeriodDiscriminator(period, narrow) for period in VOCODER_PERIODS)

    def forward(self, audio: torch.Tensor) -> list[Opinion]:
        """One opinion from each on audio (B, N)."""
        found = [discriminator(audio) for discriminator in self.periods]
        for discriminator in self.scales:
            found.append(discriminator(audio))
            audio = functional.avg_pool1d(audio[:, None], 4, 2, padding=2)[:, 0]
        return found


def _narrowed(channels: int, narrow: int) -> int:
    return max(1, channels // narrow)


def _opinion(discriminator: nn.Module, x: torch.Tensor) -> Opinion:
    maps = []
    for layer in discriminator.convs:  # type: ignore[union-attr]
        x = functional.leaky_relu(layer(x), SLOPE)
        maps.append(x)
    x = discriminator.conv_post(x)  # type: ignore[operator]
    return x.flatten(1), [*maps, x]
