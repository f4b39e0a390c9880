"""The iSTFT decoders: few upsampling stages, then a small inverse STFT, in one stream or four bands.

Speaker and pitch reach them through the latent alone.
Source: Kaneko et al., iSTFTNet, 2022; Kawamura et al., MB-iSTFT-VITS, 2023; PQMF: Nguyen, 1994.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.conv import Conv1d
from svcfx.chain.nets.hifigan import LAST_SLOPE, SLOPE
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.layers import SINGING, Layers
from svcfx.chain.vits.upsampling import UpsamplingDecoder

TAPS = 63
PROTOTYPE_CUTOFF = 0.15
PROTOTYPE_BETA = 9.0


class SpectralDecoder(UpsamplingDecoder):
    """Latent (B, Z, T) -> streams (B, S, N / S) -> audio (B, N), which no tanh bounds."""

    def __init__(self, config: VitsConfig, made: Layers = SINGING) -> None:
        super().__init__()
        self.size, self.step = config.istft_size, config.istft_hop
        self.kind, self.bands = config.decoder, 1 if config.decoder == "istft" else config.bands
        if self.kind == "ms-istft":
            # Files carry the zero-stuffing as an identity; it is read and needs no use.
            stuffing = torch.zeros(self.bands, self.bands, self.bands)
            stuffing[range(self.bands), range(self.bands), 0] = 1.0
            self.register_buffer("updown_filter", stuffing)
        self.grow(config, made)
        last = made.small(self.last_width, self.bands * (self.size + 2), 7, padding=3)
        self.add_module("conv_post" if self.kind == "istft" else "subband_conv_post", last)
        if self.kind == "ms-istft":
            taps = made.small(self.bands, 1, TAPS, bias=False)
            if isinstance(taps, Conv1d):
                taps.exact = True  # its taps are taken, it is never called
            self.multistream_conv_post = taps

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """Audio (B, N)."""
        return self.join(self.streams(latent))

    def streams(self, latent: torch.Tensor) -> torch.Tensor:
        """What the inverse STFT gives, (B, S, N / S)."""
        return self.spread(self.raised(latent))

    def raised(self, latent: torch.Tensor) -> torch.Tensor:
        """What the last layer reads, a frame more than the inverse STFT's hops."""
        x = self.conv_pre(latent)
        for stage, up in enumerate(self.ups):
            x = self.mean_of_blocks(stage, up(functional.leaky_relu(x, SLOPE)))
        return functional.pad(functional.leaky_relu(x, LAST_SLOPE), (1, 0), mode="reflect")

    def spread(self, raised: torch.Tensor) -> torch.Tensor:
        """Streams (B, S, N / S) of what was raised."""
        post = self.conv_post if self.kind == "istft" else self.subband_conv_post
        assert isinstance(post, nn.Module)
        frames: torch.Tensor = post(raised)
        return self._inverse(frames)

    def join(self, streams: torch.Tensor) -> torch.Tensor:
        """Streams at a fraction of the rate to audio at the full rate."""
        if self.kind == "istft":
            return streams[:, 0]
        if self.kind != "ms-istft":
            return zero_stuffed_filter(streams, self._synthesis(streams))
        taps = self.multistream_conv_post.weight
        assert isinstance(taps, torch.Tensor)
        return zero_stuffed_filter(streams, taps)

    def _inverse(self, frames: torch.Tensor) -> torch.Tensor:
        return inverse(frames, self.size, self.step, self.bands)

    def _synthesis(self, like: torch.Tensor) -> torch.Tensor:
        return synthesis_filters(self.bands).to(like)


def inverse(frames: torch.Tensor, size: int, step: int, bands: int) -> torch.Tensor:
    """Log magnitudes and phases (B, bands (size + 2), T) through an inverse STFT: (B, bands, N / bands)."""
    batch, half = frames.shape[0], size // 2 + 1
    parts = frames.reshape(batch * bands, 2 * half, -1)
    spectrum = torch.polar(parts[:, :half].exp(), math.pi * torch.sin(parts[:, half:]))
    window = torch.hann_window(size, device=frames.device, dtype=frames.dtype)
    signal = torch.istft(spectrum, size, step, size, window, center=True)
    return signal.reshape(batch, bands, -1)


def zero_stuffed_filter(streams: torch.Tensor, filters: torch.Tensor) -> torch.Tensor:
    """Sum of the streams (B, S, L), each raised S times by zeros and filtered by (1, S, 63): (B, S L).

    Correlating a zero-stuffed signal is a transposed convolution with the taps turned round, which skips
    the zeros.
    """
    bands = streams.shape[1]
    turned = bands * filters.flip(-1).transpose(0, 1)
    pad = TAPS // 2
    raised = functional.conv_transpose1d(streams, turned, None, bands, pad, bands - 1)
    return raised[:, 0]


def synthesis_filters(bands: int) -> torch.Tensor:
    """Cosine-modulated synthesis filters (1, bands, 63), float32, about a fixed prototype."""
    n = torch.arange(TAPS, dtype=torch.float64)
    centred = n - TAPS // 2
    prototype = PROTOTYPE_CUTOFF * torch.sinc(PROTOTYPE_CUTOFF * centred)
    prototype = prototype * torch.kaiser_window(
        TAPS, periodic=False, beta=PROTOTYPE_BETA, dtype=torch.float64
    )
    band = torch.arange(bands, dtype=torch.float64)[:, None]
    turn = torch.where(band % 2 == 0, math.pi / 4, -math.pi / 4)
    wave = torch.cos((2 * band + 1) * math.pi / (2 * bands) * (n - (TAPS - 2) / 2) - turn)
    return (2 * prototype * wave).float()[None]
