"""A graph sings in ONNX Runtime what the network sings here, for any number of frames."""

import json
import sys

import numpy as np
import onnxruntime
import pytest
from chain.checkpoint.export import exported

from svcfx.chain import checkpoint
from svcfx.chain.checkpoint import export
from svcfx.errors import MissingPartError

pytest.importorskip("onnx")


@pytest.mark.parametrize(
    "voice",
    [voice if voice == "4.0" else pytest.param(voice, marks=pytest.mark.slow) for voice in exported.VOICES],
)
def test_a_graph_sings_what_the_network_sings(tmp_path, voice):
    at = exported.write(tmp_path, voice)
    opened = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    export.write_graph(tmp_path / "mei.onnx", tmp_path / "graph.json", opened)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(tmp_path / "mei.onnx", options)
    facts = json.loads((tmp_path / "graph.json").read_text())
    assert [one.name for one in session.get_inputs()] == list(facts["inputs"])
    assert facts["singers"] == opened.singers
    for frames in (3, 32, 75):
        score, singer, noise = exported.given(opened.network.config, frames)
        given = {
            "content": score.content, "f0_hz": score.f0_hz, "voiced": score.voiced, "singer": singer,
            "volume": score.volume, "noise": noise.prior, "phases": noise.phases,
            "source_noise": noise.source,
        }  # fmt: skip
        feed = {name: given[name].numpy() for name in facts["inputs"] if name != "noise_scale"}
        feed["noise_scale"] = np.full(1, noise.prior_scale, np.float32)
        sung = exported.sung(opened, frames).numpy()
        audio = session.run(["audio"], feed)[0][0]
        assert audio.shape == sung.shape == (frames * facts["hop"],)
        assert np.abs(sung).max() > 1e-3
        assert np.abs(audio - sung).max() < 1e-3 * max(1.0, float(np.abs(sung).max()))


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    at = exported.write(tmp_path, "4.0")
    opened = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    with pytest.raises(MissingPartError, match="needs the package onnx"):
        export.write_graph(tmp_path / "mei.onnx", tmp_path / "graph.json", opened)
