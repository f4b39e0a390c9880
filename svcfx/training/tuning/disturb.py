"""Cheap disturbances of log-mel crops, new for every batch: more tracts, channels, rooms and levels."""

import numpy as np
import torch

from svcfx.chain import mel
from svcfx.chain.parametric.level import NEPER

Random = np.random.Generator


def disturb(
    heard: torch.Tensor, loudness: torch.Tensor, mean: torch.Tensor, f0_hz: torch.Tensor, random: Random
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Disturb log-mel (B, T, 80) with its measured loudness (B,) and mean (B, 80), and f0 (B, T).

    Returns the five: log-mel, loudness, mean, f0, and the natural-log gain (B, T) that the target follows.
    """
    heard, mean = _warped(heard, mean, random)
    tone = _tone(len(heard), random)
    heard, mean = heard + tone[:, None], mean + tone
    gain = _gain(heard, random)
    heard = torch.logaddexp(2 * (heard + gain[..., None]), 2 * _hiss(heard, loudness, random)) / 2
    heard = _masked(heard, loudness, random)
    loudness = loudness + _normal(random, len(heard)) * 2.0 * NEPER
    mean = mean + _curve(len(heard), 5, 0.12, random)
    return heard, loudness, mean, _pitch(f0_hz, random), gain


def _normal(random: Random, *shape: int) -> torch.Tensor:
    return torch.from_numpy(random.standard_normal(shape).astype(np.float32))


def _maybe(count: int, chance: float, random: Random) -> torch.Tensor:
    return torch.from_numpy((random.random(count) < chance).astype(np.float32))


def _curve(count: int, knots: int, deviation: float, random: Random, points: int = mel.BANDS) -> torch.Tensor:
    """Smooth random curves (count, points)."""
    values = _normal(random, count, 1, knots) * deviation
    return torch.nn.functional.interpolate(values, points, mode="linear", align_corners=True)[:, 0]


def _warped(heard: torch.Tensor, mean: torch.Tensor, random: Random) -> tuple[torch.Tensor, torch.Tensor]:
    """Two of three crops with the frequency axis stretched by up to a sixth: another tract, another pitch."""
    factor = np.exp(random.uniform(-0.16, 0.16, len(heard)) * (random.random(len(heard)) < 0.66))
    hz = mel.centres()[None, :] / factor[:, None]
    place = np.array([np.interp(row, mel.centres(), np.arange(mel.BANDS)) for row in hz])
    left = torch.from_numpy(np.minimum(place.astype(np.int64), mel.BANDS - 2))
    part = torch.from_numpy(place.astype(np.float32)) - left

    def move(x: torch.Tensor, at: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        return torch.lerp(x.gather(-1, at), x.gather(-1, at + 1), share)

    wide = left[:, None].expand(heard.shape)
    return move(heard, wide, part[:, None].expand(heard.shape)), move(mean, left, part)


def _tone(count: int, random: Random) -> torch.Tensor:
    """An equaliser of 4 dB deviation on most crops, with a finer one of 1.5 dB on top."""
    rough = _curve(count, 8, 4.0 * NEPER, random) * _maybe(count, 0.8, random)[:, None]
    return rough + _curve(count, 24, 1.5 * NEPER, random) * _maybe(count, 0.5, random)[:, None]


def _gain(heard: torch.Tensor, random: Random) -> torch.Tensor:
    """Slow swells of some 4 dB on half of the crops."""
    swell = _curve(len(heard), 4, 4.0 * NEPER, random, heard.shape[1]).clamp(-8 * NEPER, 8 * NEPER)
    return swell * _maybe(len(heard), 0.5, random)[:, None]


def _hiss(heard: torch.Tensor, loudness: torch.Tensor, random: Random) -> torch.Tensor:
    """Coloured noise 30 to 70 dB under the loud frames on half of the crops."""
    count = len(heard)
    depth = torch.from_numpy(random.uniform(30.0, 70.0, count).astype(np.float32))
    depth = torch.where(_maybe(count, 0.5, random) > 0, depth, torch.tensor(200.0))
    colour = _curve(count, 4, 8.0 * NEPER, random)
    per_band = -0.5 * float(np.log(8000.0))
    floor = loudness - depth * NEPER + per_band
    return floor[:, None, None] + colour[:, None] + 0.25 * _normal(random, *heard.shape)


def _masked(heard: torch.Tensor, loudness: torch.Tensor, random: Random) -> torch.Tensor:
    """On a third of the crops, a few frames or bands gone."""
    out = heard.clone()
    for i in np.flatnonzero(random.random(len(heard)) < 0.33):
        low = float(loudness[i]) - 13.0
        for _ in range(2):
            first, wide = int(random.integers(0, heard.shape[1] - 8)), int(random.integers(1, 8))
            out[i, first : first + wide] = low
        band, wide = int(random.integers(0, mel.BANDS - 10)), int(random.integers(1, 10))
        out[i, :, band : band + wide] = low
    return out


def _pitch(f0_hz: torch.Tensor, random: Random) -> torch.Tensor:
    """Half transposed by about half an octave; voicing a little early or late, as trackers report it."""
    count = len(f0_hz)
    octaves = _normal(random, count) * 0.5 * _maybe(count, 0.5, random)
    moved = f0_hz * 2.0 ** octaves[:, None]
    shifts = random.integers(-2, 3, count) * (random.random(count) < 0.5)
    for i in np.flatnonzero(shifts):
        moved[i] = torch.roll(moved[i], int(shifts[i]))
    for i in np.flatnonzero(random.random(count) < 0.15):
        first = int(random.integers(0, f0_hz.shape[1] - 10))
        moved[i, first : first + int(random.integers(1, 10))] = 0.0
    return moved.clamp(0.0, 1400.0)
