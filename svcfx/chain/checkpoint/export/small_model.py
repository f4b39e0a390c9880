"""Write an RVC voice as the files that RVC, Applio and rvc-next read: one .pth, and an index of faiss.

Source: the published facts of RVC (its small model, its list of 18, its index).
"""

import re
from pathlib import Path
from typing import Any

from svcfx.chain.checkpoint.export.unfolding import unfold
from svcfx.chain.checkpoint.export.writing import parents, save
from svcfx.chain.checkpoint.faiss_file import load_faiss
from svcfx.chain.checkpoint.rvc.renaming import outward
from svcfx.chain.families import OTHER_ENCODERS
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.vits import VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator

NORMED = re.compile(
    r"dec\.(ups\.\d+|resblocks\.\d+\.convs[12]\.\d+)"
    r"|flow\.flows\.\d+\.enc\.(cond_layer|(in_layers|res_skip_layers)\.\d+)"
)
"""Layers whose weight is stored as length and direction: not the first and last of the decoder."""
_SEGMENT, _DROPOUT, _RESBLOCK = 32, 0, "1"
_SMALL_FFT_UP_TO, _SMALL_BINS, _BINS = 32_000, 513, 1025


def write_small_model(path: Path, opened: OpenedGenerator) -> None:
    """A small model: half-precision weights and all that sizes them, in one file."""
    sizes = opened.network.config
    own = opened.network.state_dict()
    weight = {outward(key): tensor.half() for key, tensor in unfold(own, own, NORMED).items()}
    whole: dict[str, Any] = {
        "weight": weight,
        "config": _listed(sizes),
        "info": opened.said.get("info", "exported by svcfx"),
        "sr": f"{sizes.sample_rate // 1000}k",
        "f0": int(sizes.pitch),
        "version": version_of(opened),
    }
    if len(opened.singers) > 1:
        whole["speaker_info"] = dict(opened.singers)
    if opened.content_encoder in OTHER_ENCODERS:
        whole["embedder_model"] = opened.content_encoder
    parents(path)
    save(whole, path)


def version_of(opened: OpenedGenerator) -> str:
    """What RVC calls the width of its content."""
    return "v1" if opened.network.config.content == 256 else "v2"


def write_index(folder: Path, bank: Bank, name: str, opened: OpenedGenerator) -> Path:
    """The index of the first singer that has one, its rows in the lists that they came in; returns its path.

    Raises:
        MissingPartError: faiss is not installed.
    """
    faiss = load_faiss()
    singer, table = next(iter(bank.tables.items()))
    rows = table.cpu().float().contiguous().numpy()
    lists = bank.lists.get(singer)
    if lists is None:
        cells = max(1, min(int(16 * len(rows) ** 0.5), len(rows) // 39))
        index = faiss.index_factory(bank.width, f"IVF{cells},Flat")
        index.train(rows)
    else:
        quantizer = faiss.IndexFlatL2(bank.width)
        quantizer.add(lists.centres.cpu().float().contiguous().numpy())
        index = faiss.IndexIVFFlat(quantizer, bank.width, len(lists.centres), faiss.METRIC_L2)
        index.is_trained = True
    index.nprobe = 1
    index.add(rows)
    path = folder / f"added_IVF{index.nlist}_Flat_nprobe_1_{name}_{version_of(opened)}.index"
    faiss.write_index(index, str(path))
    return path


def _listed(sizes: VitsConfig) -> list[Any]:
    """The list of 18."""
    bins = _SMALL_BINS if sizes.sample_rate <= _SMALL_FFT_UP_TO else _BINS
    widths = [sizes.inter, sizes.hidden, sizes.filter, sizes.heads, sizes.layers, sizes.kernel]
    blocks = [_RESBLOCK, list(sizes.block_kernels), [list(row) for row in sizes.block_dilations]]
    raising = [list(sizes.rates), sizes.initial, list(sizes.rate_kernels)]
    singers = [sizes.speakers, sizes.speaker_width, sizes.sample_rate]
    return [bins, _SEGMENT, *widths, _DROPOUT, *blocks, *raising, *singers]
