"""Small MDX-Nets as ONNX files, whose effect on a spectrum is known exactly."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FFT, HOP, TIMES = 512, 128, 64


def write(
    path: Path,
    gains: np.ndarray,
    *,
    stem: str = "Vocals",
    planes: int = 4,
    compensate: float = 1.0,
    **changed: object,
) -> Path:
    """A network that multiplies each bin by its gain, with the JSON that says how it reads sound."""
    bins = len(gains)
    shape = ["batch", planes, bins, TIMES]
    table = numpy_helper.from_array(gains.astype(np.float32).reshape(1, 1, bins, 1), "gains")
    graph = helper.make_graph(
        [helper.make_node("Mul", ["input", "gains"], ["output"])],
        "mask",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)],
        [table],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))
    facts = {"mdx_n_fft_scale_set": FFT, "hop_length": HOP, "primary_stem": stem, "compensate": compensate}
    path.with_suffix(".json").write_text(json.dumps(facts | changed))
    return path


def below(hertz: float, rate: float = 44_100.0) -> np.ndarray:
    """Gains 1 for bins up to a frequency, 0 above."""
    return (np.arange(FFT // 2 + 1) * rate / FFT <= hertz).astype(np.float32)
