"""Voices of the parametric kind with random weights."""

from types import MappingProxyType

import numpy as np
import torch

from svcfx.chain import mel
from svcfx.chain.parametric.ear import Ear, EarConfig
from svcfx.chain.parametric.nets import Config, ContentEncoder, Decoder
from svcfx.chain.parametric.network import ParametricNet


def random_network(
    seed: int, config: Config | None = None, hearing: EarConfig | None = None
) -> ParametricNet:
    """A voice with random weights and two singers; the global random state is untouched."""
    config = config or Config()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = (ContentEncoder(config) if hearing is None else Ear(hearing)).eval()
        decoder = Decoder(config).eval()
        singers = {name: torch.randn(config.embedding) for name in ("vela", "corin")}
    for parameter in (*encoder.parameters(), *decoder.parameters()):
        parameter.requires_grad_(False)
    reference = np.full(mel.BANDS, -7.0, np.float32)
    return ParametricNet(config, encoder, decoder, MappingProxyType(singers), reference)
