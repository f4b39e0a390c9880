"""f0 as one of 256 bins on the mel scale, the row of a generator's pitch table.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1.
"""

import math

import torch

BINS = 256
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 1100.0


def fork_bins(f0_hz: torch.Tensor) -> torch.Tensor:
    """Bins of 4.0 and the fork: half rounds up, what is too high stays in the highest bin."""
    return torch.floor(_position(f0_hz).clamp(1.0, BINS - 1.0) + 0.5).to(torch.int64)


def sv41_bins(f0_hz: torch.Tensor) -> torch.Tensor:
    """Bins of 4.1: half rounds to even, and what is above 1103 Hz takes row 0, as those voices learned it."""
    rounded = torch.round(_position(f0_hz))
    rounded = torch.where(rounded < 1.0, 1.0, rounded)
    return torch.where(rounded > BINS - 1, 0.0, rounded).to(torch.int64)


def _position(f0_hz: torch.Tensor) -> torch.Tensor:
    """Place on the scale, 1 at 50 Hz and 255 at 1100 Hz; below 1 Hz and for no pitch it is under 1."""
    mel = 1127.0 * torch.log1p(f0_hz.to(torch.float32) / 700.0)
    low, high = (1127.0 * math.log1p(hz / 700.0) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    return torch.where(mel > 0, (mel - low) * (BINS - 2) / (high - low) + 1.0, mel)
