"""How far predicted control frames are from the singer's own. All in natural-log amplitude."""

from typing import Protocol

import torch

from svcfx.chain.parametric.nets import Envelope

WEIGHTS = {
    "envelope": 1.0,
    "motion": 0.5,
    "contrast": 2.0,
    "variance": 0.1,
    "breath": 1.0,
    "loudness": 0.3,
}


class WantedFrames(Protocol):
    """What a singer's own frames are: control frames as in `Envelope`, trust (B, T) 0..1, voiced (B, T)."""

    @property
    def envelope(self) -> torch.Tensor: ...
    @property
    def aperiodicity(self) -> torch.Tensor: ...
    @property
    def loudness(self) -> torch.Tensor: ...
    @property
    def weight(self) -> torch.Tensor: ...
    @property
    def voiced(self) -> torch.Tensor: ...


def sung(made: Envelope, batch: WantedFrames) -> dict[str, torch.Tensor]:
    """The terms of `WEIGHTS`, each a mean over trusted frames."""
    weight = batch.weight
    error = made.envelope - batch.envelope
    both = torch.minimum(weight[:, 1:], weight[:, :-1])
    voiced = weight * batch.voiced
    return {
        "envelope": _mean(error.abs().mean(-1), weight),
        "motion": _mean(error.diff(dim=1).abs().mean(-1), both),
        "contrast": _mean(error.diff(dim=2).abs().mean(-1), weight),
        "variance": variance(made.envelope, batch.envelope, weight),
        "breath": _mean((made.aperiodicity - batch.aperiodicity).abs().mean(-1), voiced),
        "loudness": _mean((made.loudness - batch.loudness.clamp_min(-8.0)).abs().clamp_max(3.0), weight),
    }


def total(terms: dict[str, torch.Tensor]) -> torch.Tensor:
    """The weighted sum that is minimised."""
    return torch.stack([WEIGHTS[name] * value for name, value in terms.items()]).sum()


def _mean(value: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (value * weight).sum() / weight.sum().clamp_min(1.0)


def variance(made: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """How much less the made envelope moves over a crop than the wanted one, per band: L1 shrinks it."""
    return (_spread(made, weight) - _spread(wanted, weight)).abs().mean()


def _spread(envelope: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    share = weight[..., None] / weight.sum(1)[:, None, None].clamp_min(1.0)
    mean = (envelope * share).sum(1, keepdim=True)
    return (((envelope - mean) ** 2 * share).sum(1) + 1e-3).log()
