"""bfloat16 twins: what is halved and what is shared, how near they sing, and where they are refused."""

from pathlib import Path

import pytest
import torch
from golden import singing
from golden.cases import Case
from torch import nn
from training.vits.small import CONFIGS

from svcfx.chain import precision
from svcfx.chain.conv import Conv1d, Linear
from svcfx.chain.vits import Generator
from svcfx.chain.vits.generator import Score
from svcfx.errors import ParamError

VECTORS = Path(__file__).parents[1] / "golden/vectors"


@pytest.fixture(autouse=True)
def able(monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda device: True)


@pytest.fixture
def network():
    return nn.Sequential(Conv1d(4, 6, 3, padding=1), nn.LayerNorm(20), Linear(20, 5), Linear(5, 2).double())


def log_spectral_distance_db(made: torch.Tensor, meant: torch.Tensor) -> float:
    """Of signals (n,): 2048/512, frames over -50 dBFS, bins within 60 dB of the frame's peak."""
    window = torch.hann_window(2048)
    a, b = (
        20.0 * torch.stft(x, 2048, 512, window=window, center=False, return_complex=True).abs().log10()
        for x in (made, meant)
    )
    loud = 10.0 * meant.unfold(0, 2048, 512).square().mean(1).log10() > -50.0
    heard = (b > b.amax(0) - 60.0) & loud
    squares = torch.where(heard, (a - b).square(), 0.0).sum(0)
    return float((squares / heard.sum(0).clamp_min(1)).sqrt()[loud].mean())


def test_full_precision_is_the_network_itself(network):
    assert precision.at(network, "fp32") is network


def test_layers_are_halved_and_everything_else_is_shared(network):
    twin = precision.at(network, "bf16")
    assert [module.weight.dtype for module in twin] == [
        torch.bfloat16, torch.float32, torch.bfloat16, torch.float64,
    ]  # fmt: skip
    assert twin[1].weight is network[1].weight
    assert twin[3].weight is network[3].weight
    assert network[0].weight.dtype == torch.float32


def test_a_network_has_one_twin(network):
    assert precision.at(network, "bf16") is precision.at(network, "bf16")


def test_a_twin_gives_the_type_that_it_is_given():
    twin = precision.at(nn.Sequential(Conv1d(4, 6, 3, padding=1)), "bf16")
    assert twin(torch.randn(1, 4, 9)).dtype == torch.float32


def test_a_machine_without_it_refuses(network, monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda device: False)
    with pytest.raises(ParamError, match="'bf16', which this processor has no instructions for"):
        precision.at(network, "bf16")


@pytest.mark.parametrize("kind", ["fork_v1_a", "sv41_synth_tiny_a"])
def test_a_voice_sings_the_same_in_half_the_bits(kind):
    """Under half a decibel; the pitch that it chooses for itself within three cents."""
    case = Case.read(VECTORS / kind)
    network = singing.opened(case)
    draw = torch.Generator().manual_seed(2)
    frames = 20
    f0 = 220.0 * 2.0 ** torch.linspace(0.0, 1.0, frames)[None]
    content = torch.randn(1, network.config.content, frames, generator=draw)
    volume = torch.full((1, frames), 0.1) if network.config.volume else None
    score = Score(content, f0, torch.ones(1, frames), volume)
    random = singing.Noise(torch.randn(1, network.config.inter, frames, generator=draw))
    speaker = network.singer(torch.tensor([0]))
    for predict in (False, network.config.f0_decoder):
        full = singing.sing(network, score, speaker, random, predict_f0=predict)
        half = singing.sing(precision.at(network, "bf16"), score, speaker, random, predict_f0=predict)
        assert 0.0 < log_spectral_distance_db(half.audio[0], full.audio[0]) < 0.5
        cents = 1200.0 * (half.f0_hz / full.f0_hz).log2().abs()
        assert float(cents.max()) <= 3.0
        torch.testing.assert_close(half.source, full.source, rtol=0.0, atol=0.0) if not predict else None


@pytest.mark.parametrize("family", list(CONFIGS))
def test_every_family_sings_in_half_the_bits(family):
    torch.manual_seed(3)
    network = Generator(CONFIGS[family]).eval()
    content, f0 = torch.randn(1, network.config.content, 30), torch.full((1, 30), 220.0)
    score = Score(content, f0, torch.ones(1, 30), torch.full((1, 30), 0.1))
    random = singing.Noise(torch.randn(1, network.config.inter, 30))
    speaker = network.singer(torch.tensor([0]))
    full, half = (
        singing.sing(precision.at(network, name), score, speaker, random).audio for name in ("fp32", "bf16")
    )
    assert half.dtype == torch.float32
    assert 0.0 < float((half - full).norm() / full.norm()) < 0.1
