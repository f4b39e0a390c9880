"""svcfx's own networks beside ONNX Runtime: `python benchmarks/engines.py`.

Generators of full size with drawn weights sing 10 s, one thread each, taking turns, five runs, every run in
this process after one that does not count. What ONNX Runtime sings is compared too.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from judging import results

from svcfx.chain.checkpoint.export import write_graph
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.nets import conv, precision
from svcfx.chain.vits import Generator
from svcfx.chain.vits.config import PARTIALS
from svcfx.chain.vits.generator import Noise, Score
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.training.index import DatasetIndex
from svcfx.training.vits.recipe import FAMILIES, VitsRecipe, document

RUNS, FRAMES = 5, 861
FASTER = 1.05
"""An engine is offered from here on."""


def main() -> None:
    """Measure every family; print and keep the table."""
    torch.set_num_threads(1)
    rows = []
    for family in FAMILIES:
        singing = _engines(family)
        times: dict[str, list[float]] = {name: [] for name in singing}
        with torch.inference_mode():
            sung = {name: sing() for name, sing in singing.items()}
            for _ in range(RUNS):
                for name, sing in singing.items():
                    began = time.process_time()
                    sing()
                    times[name].append(time.process_time() - began)
        apart = float(np.abs(sung["svcfx"] - sung["ONNX Runtime"]).max() / np.abs(sung["svcfx"]).max())
        taken = {name: statistics.median(found) for name, found in times.items()}
        ratio = taken["svcfx"] / taken["ONNX Runtime"]
        better = "yes" if ratio >= FASTER else "no"
        rows.append(
            (family, *(f"{one:.2f}" for one in taken.values()), f"{ratio:.2f}", better, f"{apart:.0e}")
        )
    head = ("family", *times, "ONNX Runtime over svcfx", f">= {FASTER}", "largest difference of the peak")
    text = results.table(head, rows)
    print(text)
    said = "10 s of sound, one thread, processor seconds, by `python benchmarks/engines.py`: median of"
    results.write("ONNX Runtime", f"{said} {RUNS} runs that took turns.\n\n{text}")


def _engines(family: str) -> dict[str, Callable[[], np.ndarray]]:
    """What sings, by its name, the same score in the same noise; bf16 where the processor has it."""
    torch.manual_seed(1)
    kind = "vec256l9" if family == "sovits40" else "vec768l12"
    index = DatasetIndex(
        sample_rate=44100, hop=512, fft=2048, content_encoder=kind, pitch="swift", singers=("a",), entries=()
    )
    network = Generator(vits_config("config.json", document(VitsRecipe(family=family), index))).eval()
    conv.settle(network)
    session = _session(OpenedGenerator(network, family, kind, "nearest", {"a": 0}))
    given = _given(network)
    score = Score(given["content"], given["f0_hz"], given["voiced"], None)
    noise = Noise(given["noise"], 0.4, given["phases"], given["source_noise"])
    feed = {one.name: given[one.name].numpy() for one in session.get_inputs()}

    def ours(one: Generator) -> np.ndarray:
        return one(score, one.singer(given["singer"]), noise).audio.reshape(-1).numpy()

    found: dict[str, Callable[[], np.ndarray]] = {
        "svcfx": lambda: ours(network),
        "ONNX Runtime": lambda: session.run(["audio"], feed)[0].reshape(-1),
    }
    if precision.has_bf16(torch.device("cpu")):
        found["svcfx in bf16"] = lambda: ours(precision.at(network, "bf16"))
    return found


def _session(opened: OpenedGenerator) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        write_graph(Path(folder) / "voice.onnx", Path(folder) / "voice.json", opened)
        return onnxruntime.InferenceSession(Path(folder) / "voice.onnx", options)


def _given(network: Generator) -> dict[str, torch.Tensor]:
    """A gliding note of 10 s."""
    sizes = network.config
    return {
        "content": torch.randn(1, sizes.content, FRAMES),
        "f0_hz": torch.linspace(200.0, 400.0, FRAMES)[None],
        "voiced": torch.ones(1, FRAMES),
        "singer": torch.zeros(1, dtype=torch.long),
        "noise": torch.randn(1, sizes.inter, FRAMES),
        "noise_scale": torch.full((1,), 0.4),
        "phases": torch.zeros(1, PARTIALS),
        "source_noise": torch.randn(1, PARTIALS, FRAMES * sizes.hop),
    }


if __name__ == "__main__":
    main()
