"""What is folded into the last layer sounds as it did while it was fitted."""

import dataclasses

import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.parametric import nets
from svcfx.training.cloning.fitting import Throat


@pytest.fixture
def net():
    sizes = nets.Config(encoder_width=16, encoder_hidden=24, decoder_width=16, decoder_hidden=24)
    return random_network(3, sizes)


@pytest.fixture
def throat(net):
    made = Throat(net.singer("vela"))
    with torch.no_grad():
        made.tract += torch.tensor([0.1, -0.05, 0.0, 0.05, 0.1])
        made.tone += torch.linspace(-0.5, 0.5, 12)
        made.breath += 0.7
    return made


def frames(net, embedding):
    content = torch.randn(1, 10, net.config.content, generator=torch.Generator().manual_seed(1))
    loud, pitch = torch.zeros(1, 20), torch.full((1, 20), 200.0)
    return net.decoder(content, nets.controls(loud, pitch), embedding[None])


def test_a_folded_throat_gives_the_frames_of_the_loose_one(net, throat):
    folded = frames(throat.sing(net, "me"), throat.embedding)
    for one, other in zip(folded, throat(frames(net, throat.embedding)), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_a_clone_keeps_the_index_of_its_nets(net, throat):
    index = torch.zeros(2, net.config.content)
    assert throat.sing(dataclasses.replace(net, index=index), "me").index is index


def test_a_throat_that_nothing_was_fitted_to_changes_nothing(net):
    plain = Throat(net.singer("vela"))
    folded = plain.sing(net, "me")
    torch.testing.assert_close(folded.decoder.outward.weight, net.decoder.outward.weight)
    torch.testing.assert_close(folded.decoder.outward.bias, net.decoder.outward.bias)


def test_a_shorter_tract_moves_formants_up(net):
    throat = Throat(net.singer("vela"))
    with torch.no_grad():
        throat.tract += 0.1
    peak = torch.zeros(80)
    peak[40] = 1.0
    assert int((throat.warp() @ peak).argmax()) > 40


def test_every_band_is_read_whole(throat):
    torch.testing.assert_close(throat.warp().sum(1), torch.ones(80))
