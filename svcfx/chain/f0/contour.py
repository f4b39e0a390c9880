"""The melody without its key, as the f0 decoder of a generator hears it.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1.
"""

import torch

_NOBODY_SINGS = 9999.0


def log_f0(f0_hz: torch.Tensor) -> torch.Tensor:
    """f0 in Hz on the mel scale over 500, any shape; 0 stays 0."""
    return 2595.0 * torch.log10(1.0 + f0_hz / 700.0) / 500.0


def without_mean(log_values: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
    """Take the mean over voiced frames away, (..., T) and (..., T) of 0 or 1 -> (..., T)."""
    count = voiced.sum(-1, keepdim=True)
    count = torch.where(count == 0, _NOBODY_SINGS, count)
    return log_values - (log_values * voiced).sum(-1, keepdim=True) / count
