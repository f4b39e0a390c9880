"""How far made sub-bands are from those of the take: short spectra of each band, at three resolutions.

Source: Kawamura et al., MB-iSTFT-VITS, 2023; Yang et al., Multi-band MelGAN, 2021; PQMF: Nguyen, 1994.
"""

import math

import torch
from torch.nn import functional

from svcfx.chain.vits.spectral import PROTOTYPE_BETA, PROTOTYPE_CUTOFF, TAPS

RESOLUTIONS = ((768, 60, 300), (1366, 120, 600), (342, 20, 120))
"""FFT, hop and window in samples of a band."""
_POWER_FLOOR = 1e-7


def analysis_filters(bands: int) -> torch.Tensor:
    """Cosine-modulated analysis filters (bands, 1, 63), float32: the synthesis ones, turned the other way."""
    n = torch.arange(TAPS, dtype=torch.float64)
    prototype = PROTOTYPE_CUTOFF * torch.sinc(PROTOTYPE_CUTOFF * (n - TAPS // 2))
    window = torch.kaiser_window(TAPS, periodic=False, beta=PROTOTYPE_BETA, dtype=torch.float64)
    band = torch.arange(bands, dtype=torch.float64)[:, None]
    turn = torch.where(band % 2 == 0, math.pi / 4, -math.pi / 4)
    wave = torch.cos((2 * band + 1) * math.pi / (2 * bands) * (n - (TAPS - 2) / 2) + turn)
    return (2 * prototype * window * wave).float()[:, None]


def analyse(audio: torch.Tensor, bands: int) -> torch.Tensor:
    """Bands at a fraction of the rate, (B, N) -> (B, bands, N / bands)."""
    taps = analysis_filters(bands).to(audio)
    return functional.conv1d(audio[:, None], taps, stride=bands, padding=TAPS // 2)


def distances(made: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Of each item, (B,): spectral convergence and log-magnitude L1, averaged over the resolutions.

    Args:
        made, real: Bands, (B, S, L).
    """
    terms = []
    for fft, hop, window in RESOLUTIONS:
        x, y = (_magnitudes(bands, fft, hop, window) for bands in (made, real))
        convergence = _norm(y - x) / _norm(y)
        terms.append(convergence + (torch.log(y) - torch.log(x)).abs().flatten(1).mean(1))
    return torch.stack(terms).mean(0)


def _norm(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(1).square().sum(1).sqrt()


def _magnitudes(bands: torch.Tensor, fft: int, hop: int, window: int) -> torch.Tensor:
    """(B, S, L) -> (B, S, fft / 2 + 1, frames)."""
    shape = torch.hann_window(window, device=bands.device)
    flat = bands.flatten(0, 1)
    spectrum = torch.stft(flat, fft, hop, window, shape, center=True, return_complex=True)
    power = spectrum.real.square() + spectrum.imag.square()
    return power.clamp_min(_POWER_FLOOR).sqrt().reshape(*bands.shape[:2], *power.shape[1:])
