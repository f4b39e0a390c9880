"""What is minimised, each term of each item by itself: (B,), so that any sharing of a batch adds up.

A step divides by what the whole step holds, on all devices and in all its parts: terms over a segment by the
number of items, terms over whole takes by the number of frames.

Source: Kim et al., VITS, 2021; Mao et al., Least squares GAN, 2017; for sub-bands
Kawamura et al., MB-iSTFT-VITS, 2023; Yang et al., Multi-band MelGAN, 2021; PQMF: Nguyen, 1994.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from svcfx.chain.vits.spectral import PROTOTYPE_BETA, PROTOTYPE_CUTOFF, TAPS
from svcfx.training.vits.batch import VitsBatch
from svcfx.training.vits.discriminators import Opinion
from svcfx.training.vits.network import Passed, TrainedGenerator, segments
from svcfx.training.vits.spectra import Spectra

MEL_WEIGHT, MATCH_WEIGHT = 45.0, 2.0
Terms = Mapping[str, torch.Tensor]
BY_FRAME = ("kl", "lf0")
"""Terms that are sums over the frames of a take; the others are means over its segment."""
RESOLUTIONS = ((768, 60, 300), (1366, 120, 600), (342, 20, 120))
"""FFT, hop and window in samples of a band."""
_POWER_FLOOR = 1e-7


@dataclass(frozen=True, slots=True)
class StepShare:
    """What one step holds in all, to divide by."""

    items: int
    frames: int

    def of(self, name: str, term: torch.Tensor) -> torch.Tensor:
        """A term's part of the step, one number."""
        return term.sum() / (self.frames if name in BY_FRAME else self.items)


def reference(batch: VitsBatch, passed: Passed, spectra: Spectra, segment: int) -> torch.Tensor:
    """The audio that each segment should have been, (B, N)."""
    hop = spectra.hop
    places = passed.start[:, None] * hop + torch.arange(segment * hop, device=batch.audio.device)
    return batch.audio.gather(1, places)


def own_terms(
    batch: VitsBatch, passed: Passed, real: torch.Tensor, spectra: Spectra, network: TrainedGenerator
) -> dict[str, torch.Tensor]:
    """Terms that need no discriminator: "mel", "kl", and "lf0" and "subband" where the family has them.

    Only mb-istft's streams are bands of the sound; those of ms-istft are whatever its last filter makes of
    them.
    """
    mask = batch.mask
    wanted = segments(spectra.to_mel(batch.spectrogram), passed.start, network.segment)
    terms = {
        "mel": MEL_WEIGHT * (spectra.mel(passed.audio.float()) - wanted).abs().flatten(1).mean(1),
        "kl": _divergence(passed, mask),
    }
    if passed.predicted is not None:
        terms["lf0"] = ((passed.predicted.float() - passed.melody).square() * mask).flatten(1).sum(1)
    if passed.streams is not None and network.config.decoder == "mb-istft":
        bands = sub_bands(real, network.config.bands)
        terms["subband"] = band_distances(passed.streams.float(), bands)
    return terms


def fooling_terms(fake: Sequence[Opinion], real: Sequence[Opinion]) -> dict[str, torch.Tensor]:
    """Terms that the discriminators give the generator: "gen", and "fm" for maps that are not the take's."""
    scores = [(1.0 - score.float()).square().mean(1) for score, _ in fake]
    matches = [
        (a.float().detach() - b.float()).abs().flatten(1).mean(1)
        for (_, maps), (_, made) in zip(real, fake, strict=True)
        for a, b in zip(maps, made, strict=True)
    ]
    return {"gen": torch.stack(scores).sum(0), "fm": MATCH_WEIGHT * torch.stack(matches).sum(0)}


def telling_terms(fake: Sequence[Opinion], real: Sequence[Opinion]) -> dict[str, torch.Tensor]:
    """The term of the discriminators, "disc": scores of takes should be 1, of what was made 0."""
    scores = [
        (1.0 - right.float()).square().mean(1) + wrong.float().square().mean(1)
        for (right, _), (wrong, _) in zip(real, fake, strict=True)
    ]
    return {"disc": torch.stack(scores).sum(0)}


def _divergence(passed: Passed, mask: torch.Tensor) -> torch.Tensor:
    """How far the posterior's latent lies from the prior, summed over channels and frames."""
    log_std = passed.prior_log_std.float()
    distance = (passed.flowed.float() - passed.prior_mean.float()).square()
    each = log_std - passed.posterior_log_std.float() - 0.5 + 0.5 * distance * torch.exp(-2.0 * log_std)
    return (each * mask).flatten(1).sum(1)


def analysis_filters(bands: int) -> torch.Tensor:
    """Cosine-modulated analysis filters (bands, 1, 63), float32: the synthesis ones, turned the other way."""
    n = torch.arange(TAPS, dtype=torch.float64)
    prototype = PROTOTYPE_CUTOFF * torch.sinc(PROTOTYPE_CUTOFF * (n - TAPS // 2))
    window = torch.kaiser_window(TAPS, periodic=False, beta=PROTOTYPE_BETA, dtype=torch.float64)
    band = torch.arange(bands, dtype=torch.float64)[:, None]
    turn = torch.where(band % 2 == 0, math.pi / 4, -math.pi / 4)
    wave = torch.cos((2 * band + 1) * math.pi / (2 * bands) * (n - (TAPS - 2) / 2) + turn)
    return (2 * prototype * window * wave).float()[:, None]


def sub_bands(audio: torch.Tensor, bands: int) -> torch.Tensor:
    """Bands at a fraction of the rate, (B, N) -> (B, bands, N / bands)."""
    taps = analysis_filters(bands).to(audio)
    return functional.conv1d(audio[:, None], taps, stride=bands, padding=TAPS // 2)


def band_distances(made: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
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
