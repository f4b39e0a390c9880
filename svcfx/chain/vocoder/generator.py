"""NSF-HiFiGAN: a log mel and f0 become a waveform, shaped out of sines at the harmonics of f0.

B batch, T mel frames, `hop` samples a frame. Weight norm is folded before the weights get here.

Source: J. Kong et al., "HiFi-GAN", 2020; sine source of X. Wang et al., "Neural source-filter-based waveform
model", 2019, with constants of so-vits-svc; layout of openvpi's releases.
"""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.conv import Conv1d, ConvTranspose1d
from svcfx.chain.nets.hifigan import LAST_SLOPE, SLOPE, ResidualBlock, mean
from svcfx.chain.nets.tiles import block_reach, by_tiles
from svcfx.chain.nets.weights import fill
from svcfx.chain.vocoder.config import VocoderConfig

HARMONICS = 9
SINE_AMPLITUDE = 0.1
VOICED_NOISE = 0.003
UNVOICED_NOISE = SINE_AMPLITUDE / 3.0


class SourceNoise(NamedTuple):
    """What is random in a source, given from outside.

    phase_cycles: (B, harmonics) start phases in 0..1, the fundamental's 0; gaussian: (B, samples, harmonics)
    """

    phase_cycles: torch.Tensor
    gaussian: torch.Tensor


def harmonic_sines(
    f0_hz: torch.Tensor, harmonics: int, hop: int, rate_hz: int, start_cycles: torch.Tensor | None = None
) -> torch.Tensor:
    """Sines at 1 .. `harmonics` times f0, each frame's f0 held for its hop, silent where f0 is 0.

    The phase is summed in double precision and taken modulo one cycle, so that ten minutes of a
    constant tone end as well in tune as they began.

    Args:
        f0_hz: (B, T), 0 where unvoiced.
        start_cycles: (B, harmonics), added to the first frame's step, hence once for each of its samples;
            zeros when left out.

    Returns:
        (B, T * hop, harmonics) float32, amplitude 0.1.
    """
    multiples = torch.arange(1, harmonics + 1, dtype=torch.float32, device=f0_hz.device)
    step = torch.remainder(f0_hz.to(torch.float32)[..., None] * multiples / rate_hz, 1.0).to(torch.float64)
    if start_cycles is not None:
        step[:, 0] += start_cycles.to(torch.float64)
    before = torch.cumsum(step * hop, dim=1) - step * hop
    inside = torch.arange(1, hop + 1, dtype=torch.float64, device=f0_hz.device)
    cycles = torch.remainder(before, 1.0)[:, :, None] + step[:, :, None] * inside[:, None]
    sines = torch.sin(2.0 * torch.pi * torch.remainder(cycles, 1.0)).to(torch.float32)
    gate = SINE_AMPLITUDE * (f0_hz > 0).to(torch.float32)
    return (sines * gate[:, :, None, None]).flatten(1, 2)


def with_noise(sines: torch.Tensor, f0_hz: torch.Tensor, hop: int, gaussian: torch.Tensor) -> torch.Tensor:
    """Add breath to each harmonic: faint under a voice, as loud as a third of it where there is none."""
    level = torch.where(f0_hz > 0, VOICED_NOISE, UNVOICED_NOISE).repeat_interleave(hop, dim=1)
    return sines + level[..., None] * gaussian


class VocoderPass(NamedTuple):
    """What a pass computes on its way, for tests and reports: `audio` (B, T * hop) is the result."""

    source: torch.Tensor
    conv_pre: torch.Tensor
    first_up: torch.Tensor
    pre_tanh: torch.Tensor
    audio: torch.Tensor


class _HarmonicMix(nn.Module):
    """The learned mixture of the harmonics."""

    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(HARMONICS, 1)


class NsfHifiGan(nn.Module):
    """The network; parameters are named as in openvpi's files, so that a file needs no key map."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        self.m_source = _HarmonicMix()
        self.conv_pre = Conv1d(config.mel.bins, config.channels, 7, padding=3)
        self.ups = nn.ModuleList()
        self.noise_convs = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width, remaining = config.channels, config.hop_samples
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            remaining //= rate
            self.ups.append(
                ConvTranspose1d(width, width // 2, kernel, stride=rate, padding=(kernel - rate) // 2)
            )
            width //= 2
            self.noise_convs.append(_source_conv(width, remaining))
            for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True):
                self.resblocks.append(ResidualBlock(width, size, dilations))
        self.conv_post = Conv1d(width, 1, 7, padding=3)
        self.reach = max(map(block_reach, config.block_kernels, config.block_dilations))

    def sines(self, f0_hz: torch.Tensor, start_cycles: torch.Tensor | None = None) -> torch.Tensor:
        """Harmonics of f0, (B, T) -> (B, T * hop, 9); no noise in them."""
        mel = self.config.mel
        return harmonic_sines(f0_hz, HARMONICS, mel.hop_samples, mel.sample_rate_hz, start_cycles)

    def excitation(self, f0_hz: torch.Tensor, noise: SourceNoise | None = None) -> torch.Tensor:
        """The source, (B, T) in Hz -> (B, 1, T * hop). Without `noise` it is the bare sines."""
        if noise is None:
            parts = self.sines(f0_hz)
        else:
            parts = self.sines(f0_hz, noise.phase_cycles)
            parts = with_noise(parts, f0_hz, self.config.hop_samples, noise.gaussian)
        return torch.tanh(self.m_source.l_linear(parts)).transpose(1, 2)

    def forward(
        self, log_mel: torch.Tensor, f0_hz: torch.Tensor, noise: SourceNoise | None = None
    ) -> torch.Tensor:
        """Natural-log mel (B, bins, T) and f0 (B, T) in Hz -> audio (B, T * hop) in -1..1."""
        return self.stages(log_mel, f0_hz, noise).audio

    def stages(
        self, log_mel: torch.Tensor, f0_hz: torch.Tensor, noise: SourceNoise | None = None
    ) -> VocoderPass:
        """As `forward`, with the stages on the way."""
        excitation = self.excitation(f0_hz, noise)
        x = before = self.conv_pre(log_mel)
        first_up = before
        blocks = len(self.config.block_kernels)
        for index, (up, side) in enumerate(zip(self.ups, self.noise_convs, strict=True)):
            x = up(functional.leaky_relu(x, SLOPE))
            first_up = x if index == 0 else first_up
            x = x + side(excitation)
            members = list(self.resblocks[index * blocks : (index + 1) * blocks])
            x = by_tiles(partial(mean, members), x, self.reach)
        x = self.conv_post(functional.leaky_relu(x, LAST_SLOPE))[:, 0]
        return VocoderPass(excitation[:, 0], before, first_up, x, torch.tanh(x))


def _source_conv(channels: int, stride: int) -> Conv1d:
    """Bring the source to the rate of a stage that has `stride` samples to each of its own."""
    if stride == 1:
        return Conv1d(1, channels, 1)
    return Conv1d(1, channels, 2 * stride, stride=stride, padding=stride // 2)


def build(config: VocoderConfig, tensors: Mapping[str, torch.Tensor], name: str = "vocoder") -> NsfHifiGan:
    """Build the network and fill it, with or without weight norm in the tensors.

    Raises:
        VoiceError: A key is missing, unknown, or of another shape than the config says.
    """
    with torch.device("meta"):
        net = NsfHifiGan(config)
    fill(net, tensors, name)
    return net
