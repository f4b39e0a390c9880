"""bfloat16 twins: what is halved and what is shared, how near they sing, and where they are refused."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from golden import singing
from golden.cases import Case
from torch import nn
from training.vits.small import CONFIGS

from svcfx.chain.checkpoint import stored
from svcfx.chain.nets import precision, weights
from svcfx.chain.nets.conv import Conv1d, ConvTranspose1d, Linear
from svcfx.chain.vits import Generator
from svcfx.chain.vits.generator import Score
from svcfx.errors import ParamError

VECTORS = Path(__file__).parents[2] / "golden/vectors"


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


def works_in(layer):
    return torch.bfloat16 if getattr(layer, "halved", False) else layer.weight.dtype


def test_layers_are_halved_and_everything_else_is_shared(network):
    twin = precision.at(network, "bf16")
    assert [works_in(module) for module in twin] == [
        torch.bfloat16, torch.float32, torch.bfloat16, torch.float64,
    ]  # fmt: skip
    assert twin[1].weight is network[1].weight
    assert twin[3].weight is network[3].weight
    assert [works_in(module) for module in network[:3]] == [torch.float32] * 3


@pytest.mark.parametrize(
    "layer",
    [Linear(6, 5), Linear(6, 5, bias=False), Conv1d(6, 5, 1), Conv1d(6, 5, 3, padding=1), Conv1d(1, 5, 4),
     ConvTranspose1d(6, 5, 4, 2, 1)],
)  # fmt: skip
@torch.no_grad()
def test_a_layer_that_is_halved_gives_what_one_of_bfloat16_weights_gives(layer):
    rows = torch.randn(2, 9, 6) if isinstance(layer, Linear) else torch.randn(2, layer.in_channels, 9)
    [halved] = precision.at(nn.Sequential(layer), "bf16")
    whole = copy.deepcopy(layer).to(torch.bfloat16)
    assert torch.equal(halved(rows), whole(rows))
    assert torch.equal(copy.deepcopy(halved)(rows), whole(rows))


def of_file(path):
    """A network as voices are opened: its weights are mapped from a file, and laid."""

    def layers():
        return nn.Sequential(
            *(nn.Sequential(Conv1d(8, 512, 7, padding=3), Conv1d(512, 8, 7, padding=3)) for _ in range(64)),
            *(nn.Sequential(Linear(50, 4096), Linear(4096, 50)) for _ in range(32)),
        )

    if not path.is_file():
        stored.write(path, "test", {}, layers().state_dict())
    with torch.device("meta"):
        network = layers()
    weights.fill(network, stored.read(path, "test")[1], "a network")
    return network


@pytest.mark.parametrize("order", [("bf16", "fp32", "bf16"), ("fp32", "bf16", "fp32")])
@torch.no_grad()
def test_a_network_sings_the_same_in_either_precision_whatever_was_asked_before(tmp_path, order):
    x = torch.randn(1, 8, 50)
    alone = {name: precision.at(of_file(tmp_path / "net"), name)(x) for name in set(order)}
    network = of_file(tmp_path / "net")
    for name in order:
        assert torch.equal(precision.at(network, name)(x), alone[name])


HOLDS = """
import gc, sys
from pathlib import Path
import torch
from chain.nets import test_precision
from svcfx.chain.nets import precision

def held():
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

precision.has_bf16 = lambda device: True
x = torch.randn(1, 8, 50)
with torch.no_grad():
    test_precision.of_file(Path(sys.argv[2]))[:1](x)  # libraries take what they take
    before = held()
    network = test_precision.of_file(Path(sys.argv[2]))
    precision.at(network, sys.argv[1])(x)
    print((held() - before) / sum(weight.numel() for weight in network.parameters()))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="Linux alone tells what is anonymous")
def test_in_half_the_bits_no_weight_of_a_file_stays_in_memory_in_full(tmp_path):
    """Two bytes a weight, and little for kernels; it was nearly five."""
    of_file(tmp_path / "net")
    at_once = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # what is let go is not in memory any more
    environment = os.environ | at_once | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def bytes_a_weight(name):
        command = [sys.executable, "-c", HOLDS, name, str(tmp_path / "net")]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return float(done.stdout)

    assert bytes_a_weight("bf16") < 2.7 < 3.7 < bytes_a_weight("fp32")


def test_a_network_has_one_twin(network):
    assert precision.at(network, "bf16") is precision.at(network, "bf16")


def test_a_twin_gives_the_type_that_it_is_given():
    twin = precision.at(nn.Sequential(Conv1d(4, 6, 3, padding=1)), "bf16")
    assert twin(torch.randn(1, 4, 9)).dtype == torch.float32


def test_a_machine_without_it_refuses(network, monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda device: False)
    with pytest.raises(ParamError, match="'bf16', which this processor has no instructions for"):
        precision.at(network, "bf16")


@pytest.mark.parametrize("kind", [pytest.param("fork_v1_a", marks=pytest.mark.slow), "sv41_synth_tiny_a"])
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
