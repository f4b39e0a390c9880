"""Small RVC voices as files that people have: RVC's own layout and keys, few channels, weights by rule."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from golden import weights

from svcfx.chain.checkpoint.rvc import renaming
from svcfx.chain.vits import Generator, VitsConfig

Tensors = dict[str, torch.Tensor]
DECODERS = {
    ("v1", 32000): ([10, 4, 2, 2, 2], [16, 16, 4, 4, 4]),
    ("v1", 40000): ([10, 10, 2, 2], [16, 16, 4, 4]),
    ("v1", 48000): ([10, 6, 2, 2, 2], [16, 16, 4, 4, 4]),
    ("v2", 24000): ([10, 6, 2, 2], [20, 12, 4, 4]),
    ("v2", 32000): ([10, 8, 2, 2], [20, 16, 4, 4]),
    ("v2", 40000): ([10, 10, 2, 2], [16, 16, 4, 4]),
    ("v2", 48000): ([12, 10, 2, 2], [24, 20, 4, 4]),
}
"""Upsampling rates and kernels as published, written out here so that the reader is not its own judge."""
_NORMED = re.compile(r"dec\.(ups\.\d+|resblocks\.\d+\.convs[12]\.\d+)|flow\.flows\.\d+\.enc\..*")


def config(version: str = "v2", rate: int = 40000, *, rows: int = 3) -> list[Any]:
    """The list of 18."""
    rates, kernels = DECODERS[version, rate]
    bins = 513 if rate <= 32000 else 1025
    blocks: list[Any] = ["1", [3], [[1, 3, 5]]]
    return [bins, 32, 8, 8, 16, 2, 1, 3, 0, *blocks, rates, 32, kernels, rows, 6, rate]


def tensors(
    version: str = "v2",
    rate: int = 40000,
    *,
    f0: bool = True,
    rows: int = 3,
    norm: str = "older",
    salt: str = "r:",
) -> Tensors:
    """fp16 tensors under RVC's keys.

    Args:
        norm: How weight norm is spelt: "older" (weight_v), "newer" (parametrizations), "folded" (weight).
    """
    rates, kernels = DECODERS[version, rate]
    sizes = VitsConfig(
        entry="mapped", pitch=f0, content=256 if version == "v1" else 768, speakers=rows, speaker_width=6,
        inter=8, hidden=8, filter=16, heads=2, layers=1, window=10, flow_wavenet_layers=3, f0_decoder=False,
        decoder="nsf-hifigan" if f0 else "hifigan", partials=1, last_bias=False, block_kernels=(3,),
        block_dilations=((1, 3, 5),), rates=tuple(rates), rate_kernels=tuple(kernels), initial=32,
        sample_rate=rate,
    )  # fmt: skip
    with torch.device("meta"):
        shapes = {key: tuple(value.shape) for key, value in Generator(sizes).state_dict().items()}
    found: Tensors = {}
    for key, shape in shapes.items():
        layer, _, last = renaming.outward(key).rpartition(".")
        if last == "weight" and _NORMED.fullmatch(layer) and norm != "folded":
            names = ("weight_g", "weight_v") if norm == "older" else (
                "parametrizations.weight.original0", "parametrizations.weight.original1")  # fmt: skip
            found[f"{layer}.{names[0]}"] = _drawn(
                f"{layer}.weight_g", (shape[0], *(1 for _ in shape[1:])), salt
            )
            found[f"{layer}.{names[1]}"] = _drawn(f"{layer}.weight_v", shape, salt)
        else:
            found[f"{layer}.{last}"] = _drawn(f"{layer}.{last}", shape, salt)
    return found


def model(
    version: str = "v2", rate: int = 40000, *, f0: bool = True, rows: int = 3, **said: Any
) -> dict[str, Any]:
    """A small model as RVC writes it; `said` replaces its keys, None takes one away."""
    whole = {
        "weight": tensors(version, rate, f0=f0, rows=rows),
        "config": config(version, rate, rows=rows),
        "info": "200epoch",
        "sr": f"{rate // 1000}k",
        "f0": int(f0),
        "version": version,
    } | said
    return {key: value for key, value in whole.items() if value is not None}


def write(path: Path, whole: Mapping[str, Any] | None = None) -> Path:
    """Write a small model; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(model() if whole is None else whole), path)
    return path


def write_state(path: Path, table: Tensors | None = None) -> Path:
    """Write a training state, posterior encoder and all."""
    found = dict(tensors() if table is None else table)
    found["enc_q.pre.weight"] = torch.zeros(8, 1025, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": found, "iteration": 2333333, "optimizer": {}, "learning_rate": 1e-4}, path)
    return path


def rows_of_content(
    count: int = 60, width: int = 768, seed: int = 4
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Content as an index holds it."""
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def write_index(path: Path, rows: Any = None, *, lists: int = 2, empty: bool = False) -> Path:
    """An IVF,Flat index as RVC's training writes it; `empty` is the one that is only trained."""
    import faiss

    rows = rows_of_content() if rows is None else rows
    index = faiss.index_factory(rows.shape[1], f"IVF{lists},Flat")
    index.nprobe = 1
    index.train(rows)
    if not empty:
        index.add(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    faiss.write_index(index, str(path))
    return path


def _drawn(key: str, shape: Sequence[int], salt: str) -> torch.Tensor:
    return torch.from_numpy(weights.sv41(key, tuple(shape), salt).astype(np.float16))
