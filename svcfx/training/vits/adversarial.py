"""One step of both networks: batches in, gradients and figures out.

Gradients of a step are sums over all its takes, on all devices and in all its batches, of losses that were
divided by what the whole step holds. So how takes are shared among devices does not change them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from svcfx.training.vits import losses
from svcfx.training.vits.discriminators import Discriminators
from svcfx.training.vits.losses import StepShare
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.reader import BatchPart
from svcfx.training.vits.spectra import Spectra

BETAS, TINY, DECAY = (0.8, 0.99), 1e-9, 0.01


def optimiser(network: nn.Module, rate: float) -> torch.optim.AdamW:
    """AdamW as upstream sets it; not fused, because a fused one cannot be clipped in fp16."""
    return torch.optim.AdamW(network.parameters(), rate, BETAS, TINY, DECAY)


@dataclass(frozen=True)
class SungBatch:
    """What the generator made of one batch, kept for the discriminators' turn."""

    made: torch.Tensor
    real: torch.Tensor


@dataclass(frozen=True)
class Learner:
    """Both networks, and the engine that knows devices and precision (a `Fabric`)."""

    generator: TrainedGenerator
    discriminators: Discriminators
    spectra: Spectra
    engine: Any

    def sing(
        self, parts: Sequence[BatchPart], share: StepShare
    ) -> tuple[dict[str, torch.Tensor], list[SungBatch]]:
        """Gradients of the generator; returns its terms summed over this device, and what was sung."""
        sums: dict[str, torch.Tensor] = {}
        kept = []
        self.discriminators.requires_grad_(False)
        for part in parts:
            batch, noise = part.batch.to(self.engine.device), part.noise.to(self.engine.device)
            with self.engine.autocast():
                passed = self.generator(batch, noise)
                real = losses.reference(batch, passed, self.spectra, self.generator.segment)
                with torch.no_grad():
                    known = self.discriminators(real)
                opinions = self.discriminators(passed.audio)
            with torch.autocast(self.engine.device.type, enabled=False):
                terms = losses.own_terms(batch, passed, real, self.spectra, self.generator)
                terms |= losses.fooling_terms(opinions, known)
            _add(sums, terms, share)
            self.engine.backward(_total(terms, share))
            kept.append(SungBatch(passed.audio.detach().float(), real))
        self.discriminators.requires_grad_(True)
        return sums, kept

    def tell(self, sung: Sequence[SungBatch], share: StepShare) -> dict[str, torch.Tensor]:
        """Gradients of the discriminators, on what was sung before; returns their term."""
        sums: dict[str, torch.Tensor] = {}
        for one in sung:
            with self.engine.autocast():
                fake, real = self.discriminators(one.made), self.discriminators(one.real)
            terms = losses.telling_terms(fake, real)
            _add(sums, terms, share)
            self.engine.backward(_total(terms, share))
        return sums


def _total(terms: dict[str, torch.Tensor], share: StepShare) -> torch.Tensor:
    return torch.stack([share.of(name, term) for name, term in terms.items()]).sum()


def _add(sums: dict[str, torch.Tensor], terms: dict[str, torch.Tensor], share: StepShare) -> None:
    for name, term in terms.items():
        part = share.of(name, term.detach())
        sums[name] = sums[name] + part if name in sums else part
