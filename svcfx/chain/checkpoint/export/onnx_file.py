"""Write a generator as one ONNX graph; the only door to the package that checks it."""

import io
import json
import warnings
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint.export.graph import Graph
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.errors import MissingPartError

OPSET = 17
_TRACED_FRAMES = 32
"""Any number above the reach of attention will do."""
_SHAPES = {
    "content": ("1, {content}, T", "ContentVec, spread over the frames by unit_mode"),
    "f0_hz": ("1, T", "pitch in Hz, {unvoiced}"),
    "voiced": ("1, T", "1 where a pitch was heard, else 0"),
    "singer": ("1", "int64, row of the singer"),
    "noise": ("1, {inter}, T", "standard normal"),
    "noise_scale": ("1", "usually {scale}"),
    "phases": ("1, {partials}", "start of each partial in cycles, 0 to 1, the first 0"),
    "source_noise": ("1, {partials}, {hop} T", "standard normal"),
    "volume": ("1, T", "root mean square of each frame"),
}


def write_graph(path: Path, facts_path: Path, opened: OpenedGenerator) -> None:
    """A .onnx file and a JSON of what its inputs are.

    Raises:
        MissingPartError: The package onnx is not installed.
    """
    _require_onnx()
    graph = Graph(opened.network).eval()
    moving = {name: {axis: "frames"} for name, axis in _frame_axes(graph).items()}
    if "source_noise" in graph.inputs:
        moving["source_noise"] = {2: "samples"}
    made = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of an exporter that is the older one, and of shapes that it fixes
        torch.onnx.export(  # the older exporter takes an open file too, and needs no further package
            graph, _example(graph), made,  # type: ignore[arg-type]
            input_names=graph.inputs, output_names=["audio"],
            dynamic_axes=moving | {"audio": {1: "samples"}}, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    path.write_bytes(made.getbuffer())
    facts_path.write_text(json.dumps(_facts(graph, opened), indent=2, ensure_ascii=False) + "\n", "utf-8")


def _require_onnx() -> None:
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise MissingPartError(
            "writing an ONNX graph needs the package onnx, which is not installed",
            hint="pip install 'svcfx[onnx]'",
        ) from error


def _frame_axes(graph: Graph) -> dict[str, int]:
    axes = {"content": 2, "f0_hz": 1, "voiced": 1, "noise": 2, "volume": 1}
    return {name: axis for name, axis in axes.items() if name in graph.inputs}


def _example(graph: Graph) -> tuple[torch.Tensor, ...]:
    sizes, frames = graph.net.config, _TRACED_FRAMES
    given = {
        "content": torch.zeros(1, sizes.content, frames),
        "f0_hz": torch.full((1, frames), 220.0),
        "voiced": torch.ones(1, frames),
        "singer": torch.zeros(1, dtype=torch.long),
        "noise": torch.zeros(1, sizes.inter, frames),
        "noise_scale": torch.full((1,), 0.4),
        "phases": torch.zeros(1, sizes.partials),
        "source_noise": torch.zeros(1, sizes.partials, frames * sizes.hop),
        "volume": torch.full((1, frames), 0.1),
    }
    return tuple(given[name] for name in graph.inputs)


def _facts(graph: Graph, opened: OpenedGenerator) -> dict[str, Any]:
    sizes = opened.network.config
    mapped = sizes.entry == "mapped"
    numbers = {
        "content": sizes.content,
        "inter": sizes.inter,
        "hop": sizes.hop,
        "partials": sizes.partials,
        "scale": "0.66666" if mapped else "0.4",
        "unvoiced": "0 where unvoiced" if mapped else "unvoiced frames filled in from their neighbours",
    }
    return {
        "sample_rate": sizes.sample_rate,
        "hop": sizes.hop,
        "content_encoder": opened.content_encoder,
        "unit_mode": opened.unit_mode,
        "singers": dict(opened.singers),
        "inputs": {
            name: {"shape": shape.format(**numbers), "what": what.format(**numbers)}
            for name, (shape, what) in _SHAPES.items()
            if name in graph.inputs
        },
        "output": {"audio": f"1, {sizes.hop} T"},
    }
