"""How a generator reads f0: as one of 256 bins on the mel scale, and as a melody without its key.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1, and of RVC.
"""

import math
from typing import Literal

import torch

PitchBins = Literal["clamped", "wrapped", "even"]
"""How f0 finds its bin: 4.0 and the fork round half up and clamp; 4.1 rounds half to even, and wraps to 0;
RVC clamps and rounds half to even."""
BINS = 256
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 1100.0
_NOBODY_SINGS = 9999.0


def bins(f0_hz: torch.Tensor, rule: PitchBins) -> torch.Tensor:
    """Bin 0..255 of each f0 (any shape), 0 Hz being unvoiced.

    Above 1103 Hz "clamped" stays at 255 and "wrapped" falls to 0, as trained singers of 4.1 expect.
    """
    place = _place(f0_hz)
    if rule == "clamped":
        return torch.floor(place.clamp(1.0, BINS - 1.0) + 0.5).to(torch.int64)
    if rule == "even":
        return torch.round(place.clamp(1.0, BINS - 1.0)).to(torch.int64)
    rounded = torch.round(place).clamp(min=1.0)
    return torch.where(rounded > BINS - 1, 0.0, rounded).to(torch.int64)


def _place(f0_hz: torch.Tensor) -> torch.Tensor:
    """Place on the scale, 1 at 50 Hz and 255 at 1100 Hz; below 1 Hz and for no pitch it is under 1.

    In float32 as upstream computes it, so that an f0 close to a bin's edge falls to the same side.
    """
    mel = 1127.0 * torch.log1p(f0_hz.to(torch.float32) / 700.0)
    low, high = (1127.0 * math.log1p(hz / 700.0) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    return torch.where(mel > 0, (mel - low) * (BINS - 2) / (high - low) + 1.0, mel)


def log_f0(f0_hz: torch.Tensor) -> torch.Tensor:
    """f0 in Hz on the mel scale over 500, any shape; 0 stays 0."""
    return 2595.0 * torch.log10(1.0 + f0_hz / 700.0) / 500.0


def without_mean(log_values: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
    """Take the mean over voiced frames away, (..., T) and (..., T) of 0 or 1 -> (..., T)."""
    count = voiced.sum(-1, keepdim=True)
    count = torch.where(count == 0, _NOBODY_SINGS, count)
    return log_values - (log_values * voiced).sum(-1, keepdim=True) / count
