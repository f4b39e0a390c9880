"""One step of a vocoder and its discriminators, and the vocoder's weights taken apart while it learns.

Source: Kong et al., HiFi-GAN, 2020; Salimans & Kingma, "Weight normalization", 2016.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrizations

from svcfx.chain.vocoder import MelFormat, NsfHifiGan, log_mel
from svcfx.training.vits.discriminators import VocoderDiscriminators
from svcfx.training.vits.losses import MEL_WEIGHT, fooling_terms, telling_terms
from svcfx.training.vocoder.batch import VocoderBatch

_NORMED = ("conv_pre", "conv_post", "ups.", "resblocks.")
"""Layers whose length and direction are learnt apart, as files keep them."""


def apart(vocoder: NsfHifiGan) -> NsfHifiGan:
    """A copy that learns, with the same weights."""
    network = NsfHifiGan(vocoder.config)
    network.load_state_dict(vocoder.state_dict())
    for name, module in network.named_modules():
        if name.startswith(_NORMED) and isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
            parametrizations.weight_norm(module)
    return network


def whole(network: NsfHifiGan) -> NsfHifiGan:
    """A copy of a network of `apart` that has its weights in one piece, on the CPU."""
    made = NsfHifiGan(network.config)
    weights = {}
    for key in made.state_dict():
        layer, _, last = key.rpartition(".")
        weights[key] = getattr(network.get_submodule(layer), last).detach().cpu()
    made.load_state_dict(weights)
    return made.eval().requires_grad_(False)


def heard(form: MelFormat) -> MelFormat:
    """The mel that takes and what was sung are compared by: a vocoder's own, up to half the rate."""
    return replace(form, high_hz=form.sample_rate_hz / 2, log_base="natural")


def sing(
    network: NsfHifiGan, discriminators: VocoderDiscriminators, batch: VocoderBatch, engine: Any
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Gradients of the vocoder; returns its terms and what it sang, (B, N)."""
    discriminators.requires_grad_(False)
    with engine.autocast():
        made = network(batch.mel, batch.f0_hz, batch.noise)
        with torch.no_grad():
            known = discriminators(batch.audio)
        opinions = discriminators(made)
    form = heard(network.config.mel)
    with torch.autocast(made.device.type, enabled=False):
        distance = (log_mel(made, form) - log_mel(batch.audio, form)).abs().mean()
        terms = {name: term.mean() for name, term in fooling_terms(opinions, known).items()}
        terms["mel"] = MEL_WEIGHT * distance
    engine.backward(torch.stack(list(terms.values())).sum())
    discriminators.requires_grad_(True)
    return terms, made.detach().float()


def tell(
    discriminators: VocoderDiscriminators, made: torch.Tensor, real: torch.Tensor, engine: Any
) -> dict[str, torch.Tensor]:
    """Gradients of the discriminators on what was sung before; returns their term."""
    with engine.autocast():
        fake, right = discriminators(made), discriminators(real)
    terms = {name: term.mean() for name, term in telling_terms(fake, right).items()}
    engine.backward(terms["disc"])
    return terms
