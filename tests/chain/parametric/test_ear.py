from dataclasses import replace

import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.checkpoint import converted
from svcfx.chain.content import builtin
from svcfx.chain.parametric import network
from svcfx.chain.parametric.ear import BLOCK, Ear, EarConfig

SMALL = EarConfig(width=24, heads=3, hidden=32, blocks=3, before=5, after=2)
FRAMES = 400


@pytest.fixture(scope="module")
def ear():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        made = Ear(SMALL).eval().requires_grad_(False)
        for block in made.blocks:
            block.attention.leaning.normal_()
    return made


@pytest.fixture(scope="module")
def net():
    return random_network(1, hearing=SMALL)


def heard(frames=FRAMES):
    return torch.randn(1, 80, frames, generator=torch.Generator().manual_seed(2))


def test_the_ear_sees_no_further_than_it_says(ear):
    for frame in (200, 201, 2 * BLOCK * 3 - 1, 2 * BLOCK * 3):
        other = heard()
        other[:, :, frame] += 1
        moved = torch.nonzero((ear(other) - ear(heard())).abs().amax((0, 2)) > 0)[:, 0]
        assert frame - 2 * int(moved.min()) <= ear.lookahead_frames
        assert 2 * int(moved.max()) + 1 - frame <= ear.lookback_frames


@pytest.mark.parametrize("first", [100, 126, 202])
def test_a_slice_with_its_context_equals_the_whole_wherever_it_begins(ear, first):
    whole = ear(heard())
    last = first + 70
    low, high = first - ear.lookback_frames - 1, last + ear.lookahead_frames
    part = ear(heard()[:, :, low:high])[:, (first - low) // 2 : (last - low) // 2]
    torch.testing.assert_close(part, whole[:, first // 2 : last // 2], atol=1e-5, rtol=0)


def test_content_has_unit_variance(ear):
    z = ear(heard())
    assert z.shape == (1, FRAMES // 2, SMALL.content)
    torch.testing.assert_close(z.var(-1, unbiased=False), torch.ones(1, FRAMES // 2), atol=1e-3, rtol=0)


def test_the_ear_that_ships_looks_no_further_ahead_than_the_first_one_did():
    assert Ear(EarConfig()).lookahead_frames <= 26


def test_a_voice_with_an_ear_is_read_as_it_was_written(net, tmp_path):
    network.save(net, tmp_path / "voice.safetensors")
    again = network.load(tmp_path / "voice.safetensors")
    network.save(again, tmp_path / "again.safetensors")
    assert isinstance(again.encoder, Ear)
    assert again.encoder.config == SMALL
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "voice.safetensors").read_bytes()


def test_a_voice_without_one_is_written_in_the_first_format(tmp_path):
    network.save(random_network(1), tmp_path / "voice.safetensors")
    assert b"svcfx-parametric-1" in (tmp_path / "voice.safetensors").read_bytes()[:4000]


def test_the_builtin_content_of_an_ear_is_read_as_it_was_written(net, tmp_path):
    encoder = builtin.of(net)
    converted.save_content(encoder, tmp_path / "content.safetensors")
    again = converted.load_content(tmp_path / "content.safetensors")
    audio = 0.1 * torch.randn(16000, generator=torch.Generator().manual_seed(3))
    assert again.sha256 == encoder.sha256
    torch.testing.assert_close(again(audio), encoder(audio))
    assert replace(encoder, sizes=replace(SMALL, heads=6)).sha256 != encoder.sha256
