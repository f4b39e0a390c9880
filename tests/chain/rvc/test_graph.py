"""An RVC generator as an ONNX graph has it: the same sums, and only the inputs that it reads."""

import json

import pytest
import torch

from svcfx.chain.checkpoint.export.graph import Graph
from svcfx.chain.vits.generator import Noise, Score

FRAMES = 24


@pytest.mark.parametrize(("which", "inputs"), [
    ("voice", ["content", "f0_hz", "singer", "noise", "noise_scale", "phases", "source_noise"]),
    ("pitchless", ["content", "singer", "noise", "noise_scale"]),
])  # fmt: skip
def test_the_graph_sings_what_the_network_sings(which, inputs, request):
    network = request.getfixturevalue(which).parts.generator.network
    graph = Graph(network).eval()
    assert graph.inputs == inputs
    torch.manual_seed(1)
    given = {
        "content": torch.randn(1, 256, FRAMES), "f0_hz": 200.0 + 50.0 * torch.rand(1, FRAMES),
        "singer": torch.zeros(1, dtype=torch.long), "noise": torch.randn(1, 8, FRAMES),
        "noise_scale": torch.full((1,), 0.66666), "phases": torch.zeros(1, 1),
        "source_noise": torch.randn(1, 1, 320 * FRAMES),
    }  # fmt: skip
    noise = Noise(given["noise"], 0.66666, given["phases"], given["source_noise"])
    with torch.no_grad():
        made = graph(*(given[name] for name in graph.inputs))
        score = Score(given["content"], given["f0_hz"], torch.ones(1, FRAMES))
        right = network(score, network.singer(torch.tensor([0])), noise).audio
    assert torch.allclose(made, right, atol=1e-4)


def test_an_rvc_voice_becomes_an_onnx_file_that_says_what_fills_it(voice, tmp_path):
    onnx = pytest.importorskip("onnx")
    from svcfx.chain.checkpoint.export import write_graph

    write_graph(tmp_path / "mei.onnx", tmp_path / "graph.json", voice.parts.generator)
    onnx.checker.check_model(str(tmp_path / "mei.onnx"))
    told = json.loads((tmp_path / "graph.json").read_text())
    assert told["unit_mode"] == "double"
    assert told["inputs"]["phases"]["shape"] == "1, 1"
    assert told["inputs"]["f0_hz"]["what"] == "pitch in Hz, 0 where unvoiced"
    assert told["inputs"]["noise_scale"]["what"] == "usually 0.66666"
