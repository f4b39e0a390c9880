"""What is minimised, each term of each item by itself: (B,), so that any sharing of a batch adds up.

A step divides by what the whole step holds, on all devices and in all its parts: terms over a segment by the
number of items, terms over whole takes by the number of frames.

Source: Kim et al., VITS, 2021; Mao et al., Least squares GAN, 2017.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from svcfx.training.vits import subbands
from svcfx.training.vits.batch import VitsBatch
from svcfx.training.vits.discriminators import Opinion
from svcfx.training.vits.network import Passed, TrainedGenerator, segments
from svcfx.training.vits.spectra import Spectra

MEL_WEIGHT, MATCH_WEIGHT = 45.0, 2.0
Terms = Mapping[str, torch.Tensor]
BY_FRAME = ("kl", "lf0")
"""Terms that are sums over the frames of a take; the others are means over its segment."""


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
        bands = subbands.analyse(real, network.config.bands)
        terms["subband"] = subbands.distances(passed.streams.float(), bands)
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
