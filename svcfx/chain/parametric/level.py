"""How loud a source is and which colour its channel has: measured once, taken out before the encoder.

Loudness is the natural log of A-weighted RMS amplitude; 0 is full scale. The same scale holds for a
source's log-mel and for envelopes on the voice's band axis, so a gain of exp(loudness) on a rendered
envelope of loudness 0 gives back the source's loudness.

Level and colour lie on a grid: a small edit of a stem mostly leaves them where they are, and with them all
that is heard elsewhere in the stem.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain import mel
from svcfx.chain.parametric import bands
from svcfx.dsp.weighting import NEPERS_A_DB, a_weight

Frames = NDArray[np.float32]
NEPER = NEPERS_A_DB
"""One decibel in natural-log amplitude."""
FRACTION = 0.8
"""How much of the spectral mean's difference from the reference is taken out."""
SMOOTH_BANDS = 13
GRID = float(np.log(2.0) / 12.0)
"""Half a decibel, twelve to a doubling: a stem and its copy at twice the amplitude are heard alike."""
COLOURS = 16
"""Cosines along the bands that a smoothed colour is made of; what they leave out is below 0.01 dB."""
LOUD_SHARE = 0.7
LOWEST, MIDDLE, SCALE = -15.0, -8.0, 2.5
"""Log-mel per root Hz relative to the loud frames: the floor, and what brings it to about -3..3."""
SILENT_DB, AUDIBLE_DB = -90.0, -80.0


@dataclass(frozen=True)
class Level:
    """A stretch of audio's level.

    `loudness_db`: 95th percentile of frame loudness, dBFS A-weighted, at the nearest point of the grid.
    `mean_mel`: mean log-mel (80,) of the loudest 70 % of frames, that percentile taken off.
    """

    loudness_db: float
    mean_mel: Frames


def loudness(log_mel: torch.Tensor) -> torch.Tensor:
    """Natural-log A-weighted loudness of log-mel frames (..., 80) -> (...)."""
    return 0.5 * torch.logsumexp(2.0 * (log_mel + _mel_weight()), dim=-1)


def envelope_loudness(envelope: Frames) -> Frames:
    """Natural-log A-weighted loudness of envelopes (..., 80) on the voice's bands, as rendered at gain 1."""
    weighted = 2.0 * (envelope + band_weight())
    top = weighted.max(-1, keepdims=True)
    return np.asarray(0.5 * (np.log(np.exp(weighted - top).sum(-1)) + top[..., 0]), np.float32)


def measure(log_mel: torch.Tensor) -> Level:
    """Level of log-mel frames (T, 80); frames at digital silence do not count.

    Nothing audible at all gives -60 dB and a flat mean, so that silence stays harmless.
    """
    frames = loudness(log_mel)
    heard = frames > SILENT_DB * NEPER
    if int(heard.sum()) == 0:
        return Level(-60.0, np.zeros(mel.BANDS, np.float32))
    frames, kept = frames[heard], log_mel[heard]
    reference = float(torch.quantile(frames, 0.95))
    loud = kept[frames >= torch.quantile(frames, 1.0 - LOUD_SHARE)]
    mean = (loud.mean(0) - reference).numpy().astype(np.float32)
    return Level(float(_on_grid(reference)) / NEPER, mean)


def normalise(log_mel: torch.Tensor, level: Level, reference: Frames) -> torch.Tensor:
    """What the encoder sees: (T, 80) log-mel less level and, on the grid, most of its colour, scaled.

    `reference` is the mean_mel (80,) that the voice was trained about. A frame's result depends on that
    frame and on the arguments alone.
    """
    along, back = _cosines()
    colour = torch.from_numpy(back @ _on_grid(along @ (level.mean_mel - reference))).to(log_mel.dtype)
    return squash(log_mel - level.loudness_db * NEPER - FRACTION * colour)


def squash(relative: torch.Tensor) -> torch.Tensor:
    """Log-mel relative to the level, floored and scaled for the encoder."""
    return (relative.clamp_min(LOWEST) - MIDDLE) / SCALE


def relative_loudness(log_mel: torch.Tensor, level: Level) -> torch.Tensor:
    """Natural-log loudness of frames (T, 80) relative to the level's loud frames, (T,)."""
    return loudness(log_mel) - level.loudness_db * NEPER


def gate(log_mel: torch.Tensor) -> torch.Tensor:
    """Gain (T,) of frames (T, 80): 0 at and below -90 dBFS, 1 from -80 dBFS on, so silence stays silent."""
    decibels = loudness(log_mel) / NEPER
    return ((decibels - SILENT_DB) / (AUDIBLE_DB - SILENT_DB)).clamp(0.0, 1.0)


@cache
def _mel_weight() -> torch.Tensor:
    weight = a_weight(mel.centres()) + 0.5 * np.log(mel.widths())
    return torch.from_numpy(weight.astype(np.float32))


@cache
def band_weight() -> Frames:
    """A-weight and band width; gain 1 renders an envelope of 0 as white noise of variance 1."""
    weight = bands.a_weight() + 0.5 * np.log(bands.widths() * 2.0 / 44100.0)
    return np.asarray(weight, np.float32)


def _on_grid(nepers: float | Frames) -> Frames:
    return np.asarray(np.round(np.asarray(nepers) / GRID) * GRID, np.float32)


@cache
def _cosines() -> tuple[Frames, Frames]:
    """A colour (80,) to how much of each cosine (16,) its smoothed shape holds, rms; and back."""
    order, band = np.arange(COLOURS)[:, None], np.arange(mel.BANDS) + 0.5
    waves = np.cos(np.pi * order * band / mel.BANDS) * np.where(order > 0, np.sqrt(2.0), 1.0)
    along = waves @ bands.smoothing(SMOOTH_BANDS) / mel.BANDS
    return along.astype(np.float32), waves.T.astype(np.float32)
