"""The weights in the package are those that their card describes, small, and whole."""

import hashlib

import pytest

import svcfx
from svcfx.chain.parametric import network
from svcfx.voices import shelf


@pytest.mark.parametrize("singer", ["vela", "corin"])
def test_a_singer_that_ships_fits_its_card_and_has_a_refiner_and_an_index(singer):
    card = shelf.find(singer)
    weights = card.folder / card.weights
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card.sha256
    assert weights.stat().st_size < 25_000_000
    net = network.load(weights)
    assert singer in net.singers
    assert net.refiner is not None
    assert net.index is not None
    options = {"diffusion_depth": 0.5, "diffusion_method": "ddim", "diffusion_steps": 4}
    node = svcfx.VoiceConversion(singer, index_rate=0.5, protect=0.2, **options)
    assert node.latency_samples == svcfx.VoiceConversion(singer).latency_samples
