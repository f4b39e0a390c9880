"""Sizes and options of a so-vits-svc generator, of all families alike."""

import math
from dataclasses import dataclass
from typing import Literal

from svcfx.chain.vits.pitch import PitchBins

DecoderName = Literal["nsf-hifigan", "nsf-snake-hifigan", "hifigan", "istft", "ms-istft", "mb-istft"]
"""The decoders; "hifigan" is the plain one, which hears no excitation."""
Entry = Literal["convolved", "mapped"]
"""How content comes in: so-vits-svc's convolution with voicing beside it, or RVC's linear map."""
WINDOW = 4
"""Frames to each side that relative attention tells apart, in so-vits-svc."""
WAVENET_LAYERS = 4
"""Gated layers of a coupling, in so-vits-svc."""
PARTIALS = 9
"""Partials of the excitation, in so-vits-svc."""


@dataclass(frozen=True, kw_only=True)
class VitsConfig:
    """One generator. Defaults are those of so-vits-svc 4.0 ("44k"); all sizes are in channels or frames.

    Attributes:
        pitch: Whether the prior reads pitch rows and the decoder an excitation; RVC has voices without.
        window: Frames to each side that relative attention tells apart.
        last_bias: Whether the decoder's last convolution has a bias.
    """

    content: int = 768
    speakers: int = 200
    speaker_width: int = 256
    inter: int = 192
    hidden: int = 192
    filter: int = 768
    heads: int = 2
    layers: int = 6
    kernel: int = 3
    entry: Entry = "convolved"
    pitch: bool = True
    window: int = WINDOW
    flow_layers: int = 4
    flow_wavenet_layers: int = WAVENET_LAYERS
    flow_depthwise: bool = False
    flow_shared: bool = False
    flow_transformer_layers: int = 0
    f0_decoder: bool = True
    volume: bool = False
    pitch_bins: PitchBins = "clamped"
    decoder: DecoderName = "nsf-hifigan"
    partials: int = PARTIALS
    last_bias: bool = True
    block_kernels: tuple[int, ...] = (3, 7, 11)
    block_dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    rates: tuple[int, ...] = (8, 8, 2, 2, 2)
    rate_kernels: tuple[int, ...] = (16, 16, 4, 4, 4)
    initial: int = 512
    istft_size: int = 16
    istft_hop: int = 4
    bands: int = 4
    sample_rate: int = 44100

    @property
    def hop(self) -> int:
        """Samples a frame, of whatever decoder."""
        streams = self.bands if self.decoder in ("ms-istft", "mb-istft") else 1
        inverse = self.istft_hop if self.spectral else 1
        return math.prod(self.rates) * inverse * streams

    @property
    def spectral(self) -> bool:
        """Whether the decoder ends in an inverse STFT."""
        return self.decoder in ("istft", "ms-istft", "mb-istft")

    def stage_width(self, stage: int) -> int:
        """Channels after upsampling stage `stage`, counted from 0."""
        return int(self.initial // 2 ** (stage + 1))
