"""The two nets of the parametric voice: what is sung, and how a singer's throat shapes it.

    log-mel -> ContentEncoder -> z (50 steps a second) -> Decoder(controls, singer) -> control frames

Both are stacks of depthwise convolutions in time with norms over channels alone, so an output depends on
a fixed stretch of input: `lookback_frames` and `lookahead_frames` at 100 frames a second.
B batch, T frames at 100 a second (even), S = T / 2 steps, C content channels, E embedding.

Source of the block: Liu et al., "A ConvNet for the 2020s", 2022; of the modulation: Perez et al., FiLM, 2018.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from svcfx.chain import mel
from svcfx.chain.parametric import bands
from svcfx.chain.parametric.level import band_weight

KERNEL = 7
STACK = 2
CONTROLS = 4
APERIODICITIES = len(bands.APERIODICITY_HZ)


@dataclass(frozen=True)
class Config:
    """Sizes of both nets. Look-ahead is in steps of 20 ms, one number a block."""

    encoder_width: int = 224
    encoder_hidden: int = 512
    encoder_lookahead: tuple[int, ...] = (2, 2, 2, 2, 1, 1, 1, 1)
    content: int = 48
    decoder_width: int = 192
    decoder_hidden: int = 448
    decoder_lookahead: tuple[int, ...] = (1, 1, 1, 1, 1)
    embedding: int = 32


class Envelope(NamedTuple):
    """Control frames: envelope (B, T, 80) natural log, each frame at loudness 0; aperiodicity (B, T, 6) in
    0..1; loudness (B, T), natural log relative to the singer's loud frames."""

    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    loudness: torch.Tensor


class Block(nn.Module):
    """x + gain * MLP(modulated norm(depthwise convolution x)), (B, S, width) -> same."""

    def __init__(self, width: int, hidden: int, lookahead: int, embedding: int = 0) -> None:
        super().__init__()
        self.padding = (KERNEL - 1 - lookahead, lookahead)
        self.time = nn.Conv1d(width, width, KERNEL, groups=width)
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)
        self.gain = nn.Parameter(torch.full((width,), 0.3))
        self.film = (
            nn.Sequential(nn.Linear(embedding, 64), nn.GELU(), nn.Linear(64, 2 * width))
            if embedding
            else None
        )

    def forward(self, x: torch.Tensor, singer: torch.Tensor | None = None) -> torch.Tensor:
        y = self.time(functional.pad(x.transpose(1, 2), self.padding)).transpose(1, 2)
        y = self.norm(y)
        if self.film is not None and singer is not None:
            scale, shift = self.film(singer)[:, None, :].chunk(2, dim=-1)
            y = y * (1.0 + scale) + shift
        change: torch.Tensor = self.contract(functional.gelu(self.expand(y)))
        return x + self.gain * change


def _context(lookahead: tuple[int, ...]) -> tuple[int, int]:
    """Frames that an output frame may see back and ahead, through blocks and stacking."""
    back = sum(KERNEL - 1 - ahead for ahead in lookahead)
    return STACK * back + STACK - 1, STACK * sum(lookahead) + STACK - 1


class ContentEncoder(nn.Module):
    """Normalised log-mel (B, 80, T) -> content z (B, T / 2, C), unit variance over C."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.lookback_frames, self.lookahead_frames = _context(config.encoder_lookahead)
        self.inward = nn.Linear(STACK * mel.BANDS, config.encoder_width)
        self.blocks = nn.ModuleList(
            Block(config.encoder_width, config.encoder_hidden, ahead) for ahead in config.encoder_lookahead
        )
        self.outward = nn.Linear(config.encoder_width, config.content)

    def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
        x = self.inward(_stack(log_mel.transpose(1, 2)))
        for block in self.blocks:
            x = block(x)
        z = self.outward(x).float()
        return functional.layer_norm(z, z.shape[-1:])


class Decoder(nn.Module):
    """Content (B, T / 2, C), controls (B, T, 4) and a singer (B, E) -> `Envelope`.

    Controls a frame, as `controls` makes them: relative loudness, voiced, log2(f0 / 200), both's product.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.lookback_frames, self.lookahead_frames = _context(config.decoder_lookahead)
        self.inward = nn.Linear(config.content + STACK * CONTROLS, config.decoder_width)
        self.blocks = nn.ModuleList(
            Block(config.decoder_width, config.decoder_hidden, ahead, config.embedding)
            for ahead in config.decoder_lookahead
        )
        self.norm = nn.LayerNorm(config.decoder_width)
        self.outward = nn.Linear(config.decoder_width, STACK * (bands.BANDS + APERIODICITIES + 1))

    def forward(self, z: torch.Tensor, control_frames: torch.Tensor, singer: torch.Tensor) -> Envelope:
        x = self.inward(torch.cat([z, _stack(control_frames)], dim=-1))
        for block in self.blocks:
            x = block(x, singer)
        y = self.outward(self.norm(x)).float()
        y = y.reshape(y.shape[0], STACK * y.shape[1], -1)
        shape, breath, loudness = y.split([bands.BANDS, APERIODICITIES, 1], dim=-1)
        return Envelope(at_loudness_zero(shape), torch.sigmoid(breath), loudness[..., 0])


def controls(relative_loudness: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:
    """Control frames (B, T, 4) from natural-log relative loudness (B, T) and f0 (B, T), 0 where unvoiced."""
    voiced = (f0_hz > 0).to(torch.float32)
    loud = relative_loudness.clamp(-8.0, 2.0) / 3.0
    pitch = torch.where(f0_hz > 0, torch.log2(f0_hz.clamp_min(20.0) / 200.0), torch.zeros_like(f0_hz))
    return torch.stack([loud, voiced, pitch, loud * voiced], dim=-1)


def _stack(frames: torch.Tensor) -> torch.Tensor:
    """(B, T, n) -> (B, T / 2, 2 n)."""
    return frames.reshape(frames.shape[0], frames.shape[1] // STACK, -1)


def at_loudness_zero(envelope: torch.Tensor) -> torch.Tensor:
    """Envelopes (..., 80) with their frame loudness taken off."""
    weight = torch.from_numpy(np.asarray(band_weight(), np.float32)).to(envelope.device)
    return envelope - 0.5 * torch.logsumexp(2.0 * (envelope + weight), dim=-1, keepdim=True)
