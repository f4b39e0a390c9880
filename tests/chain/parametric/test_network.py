import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from voices.random_nets import random_network

from svcfx.chain.parametric import network
from svcfx.chain.parametric.nets import Config
from svcfx.chain.parametric.refiner import EnvelopeRefiner, RefinerConfig
from svcfx.errors import VoiceError

SMALL = Config(16, 32, (1, 1), 8, 16, 32, (1,), 4)


@pytest.fixture
def voice(tmp_path):
    path = tmp_path / "voice.safetensors"
    network.save(random_network(1, SMALL), path)
    return path


def test_a_voice_comes_back_as_it_was_saved(voice):
    made, read = random_network(1, SMALL), network.load(voice)
    assert read.config == SMALL
    assert list(read.singers) == ["vela", "corin"]
    for name, value in made.encoder.state_dict().items():
        torch.testing.assert_close(read.encoder.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    assert not any(p.requires_grad for p in (*read.encoder.parameters(), *read.decoder.parameters()))


def test_the_same_net_is_the_same_bytes(voice, tmp_path):
    again = tmp_path / "again.safetensors"
    network.save(network.load(voice), again)
    assert again.read_bytes() == voice.read_bytes()


def test_a_refiner_comes_back_and_a_voice_without_one_has_none(voice, tmp_path):
    net, path = network.load(voice), tmp_path / "refined.safetensors"
    assert net.refiner is None
    refiner = EnvelopeRefiner(RefinerConfig(8, 12, 1, 1), SMALL.embedding)
    network.save(dataclasses.replace(net, refiner=refiner), path)
    read = network.load(path).refiner
    assert read.config == refiner.config
    torch.testing.assert_close(read.hear.weight, refiner.hear.weight, atol=1e-3, rtol=1e-3)
    assert not any(p.requires_grad for p in read.parameters())


def test_an_index_comes_back_and_a_voice_without_one_has_none(voice, tmp_path):
    net, path = network.load(voice), tmp_path / "indexed.safetensors"
    assert net.index is None
    network.save(dataclasses.replace(net, index=torch.randn(5, SMALL.content).half()), path)
    assert network.load(path).index.shape == (5, SMALL.content)
    network.save(dataclasses.replace(net, index=torch.zeros(5, SMALL.content + 1)), path)
    with pytest.raises(VoiceError, match=r"tensor 'index' is \(5, 9\), the voice needs rows of 8"):
        network.load(path)


def test_an_unknown_singer_names_the_nearest(voice):
    with pytest.raises(VoiceError, match="no singer 'vella' \\(did you mean 'vela'"):
        network.load(voice).singer("vella")


def test_tensors_that_do_not_fit_are_named(voice):
    tensors = load_file(voice)
    tensors["encoder.outward.weight"] = torch.zeros(3, 3)
    header = {
        "format": network.FORMAT,
        "config": {k: getattr(SMALL, k) for k in Config.__dataclass_fields__},
        "singers": ["vela", "corin"],
    }
    save_file(tensors, voice, {"svcfx": json.dumps(header)})
    with pytest.raises(VoiceError, match=r"outward.weight is \(3, 3\), sizes say \(8, 16\)"):
        network.load(voice)


@pytest.mark.parametrize("content", [b"", b"not safetensors at all"])
def test_a_file_that_is_no_voice_is_refused(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(VoiceError, match=r"x\.safetensors"):
        network.load(path)


def test_a_missing_file_and_another_family_are_refused(tmp_path):
    with pytest.raises(VoiceError):
        network.load(tmp_path / "none.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "b.safetensors")
    with pytest.raises(VoiceError, match="neither svcfx-parametric-1 nor"):
        network.load(tmp_path / "b.safetensors")


def test_a_random_network_leaves_the_global_random_state_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    random_network(5, SMALL)
    assert torch.rand(1) == expected
