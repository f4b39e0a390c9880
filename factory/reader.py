"""A reader of phones that keeps the decoder articulate.

L1 on an envelope is content with a vowel half way between two; a listener is not. The reader learns to name
the phones of the singers' own envelopes and then asks the same of those the decoder makes. It conditions
nothing, ships with nothing and judges no benchmark.
"""

import torch
from torch import nn
from torch.nn import functional

from factory.material import Batch
from factory.phones import PHONES
from svcfx.chain.parametric import bands

WIDTH = 128
BLUR = 0.35
"""Standard deviation, in natural-log amplitude, of the noise a reader must read through."""


class Reader(nn.Module):
    """Envelopes (B, T, 80) at loudness 0 -> logits (B, T / 2, 40), over 110 ms to each side."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(bands.BANDS, WIDTH, 5, stride=2, padding=2),
            nn.GELU(),
            nn.Conv1d(WIDTH, WIDTH, 5, padding=2),
            nn.GELU(),
            nn.Conv1d(WIDTH, WIDTH, 5, padding=2),
            nn.GELU(),
            nn.Conv1d(WIDTH, len(PHONES), 1),
        )

    def forward(self, envelope: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.net((envelope / 3.0).transpose(1, 2))
        return logits.transpose(1, 2)


def reading(reader: Reader, made: torch.Tensor, batch: Batch, noise: torch.Tensor) -> dict[str, torch.Tensor]:
    """How well the reader names the singer's own frames, and how well those that were made.

    The first term teaches the reader alone, the second the decoder alone. `noise` is (B, T, 80) of unit
    variance.
    """
    blur = noise * BLUR
    learns = _cross_entropy(reader(batch.envelope + blur), batch)
    parameters = {name: value.detach() for name, value in reader.named_parameters()}
    asked = torch.func.functional_call(reader, parameters, (made + blur,))
    return {"reader": learns, "clarity": _cross_entropy(asked, batch)}


def _cross_entropy(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    label, weight = batch.phone[:, ::2], batch.weight[:, ::2]
    each = functional.cross_entropy(
        logits.transpose(1, 2).float(), label, reduction="none", label_smoothing=0.05
    )
    return (each * weight).sum() / weight.sum().clamp_min(1.0)
