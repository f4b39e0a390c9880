"""Write the parts of a voice as the files that so-vits-svc and its fork read."""

import io
import json
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import yaml

from svcfx.chain.checkpoint.export import documents, layout
from svcfx.chain.checkpoint.export.forms import Form
from svcfx.chain.checkpoint.export.unfolding import Tensors, unfold
from svcfx.chain.checkpoint.faiss_file import load_faiss
from svcfx.chain.diffusion import NoiseSchedule
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.vits import VitsConfig
from svcfx.chain.vits.encoders import SPECTRUM_BINS
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.chain.vocoder import Vocoder

_FIXED = re.compile(r"dec\.updown_filter|.*\.filter")
"""Tensors of a generator that nothing learns, which an optimizer does not count."""
_SHARED = re.compile(r"flow\.flows\.\d+\.enc\..*")
"""Keys that stand for `flow.wn` again where all couplings share it."""
_EPOCH = 1
"""Where a program goes on counting; what a voice was trained for is not known any more."""
_MEL_FLOOR, _MEL_CEILING = -12.0, 2.0
_CELL_ROWS = 39
"""Rows that faiss asks for at least for each cell of an index."""


def write_generator(
    path: Path, config_path: Path, opened: OpenedGenerator, posterior: Tensors | None, form: Form
) -> None:
    """A G_*.pth with its config.json.

    Args:
        posterior: The posterior encoder by the keys of the file; None leaves it out, and whoever trains the
            file further starts that part anew.
    """
    config = opened.network.config
    bins = SPECTRUM_BINS if posterior is None else posterior[f"{layout.POSTERIOR}pre.weight"].shape[1]
    own = opened.network.state_dict()
    order = layout.ordered(own, transformer=config.flow_transformer_layers > 0)
    made = {**unfold(own, order, layout.NORMED), **(posterior or {})}
    shapes = layout.shapes(config, bins)
    model = {key: made[key] for key in shapes if key in made}
    whole = {
        "model": model,
        "iteration": _EPOCH,
        "optimizer": _fresh_optimizer(config, shapes),
        "learning_rate": documents.LEARNING_RATE,
    }
    parents(path, config_path)
    save(whole, path)
    _write_json(config_path, documents.config(opened, form, bins))


def _fresh_optimizer(config: VitsConfig, shapes: layout.Shapes) -> dict[str, Any]:
    """The state of an AdamW that has made no step, over as many tensors as a whole generator learns."""
    left_out = [_FIXED, _SHARED] if config.flow_shared else [_FIXED]
    count = sum(1 for key in shapes if not any(pattern.fullmatch(key) for pattern in left_out))
    learnt = [torch.nn.Parameter(torch.zeros(())) for _ in range(count)]
    settings = {"lr": documents.LEARNING_RATE, "betas": documents.BETAS, "eps": documents.EPSILON}
    return dict(torch.optim.AdamW(learnt, **settings).state_dict())  # type: ignore[arg-type]


def write_refiner(path: Path, yaml_path: Path, refiner: Refiner, vocoder_path: str) -> None:
    """A model_*.pt of shallow diffusion with its config.yaml.

    Args:
        vocoder_path: What the yaml says of where the vocoder lies.
    """
    own = {key: tensor.detach().cpu().float().contiguous() for key, tensor in _of(refiner).items()}
    tables = {
        f"decoder.{name}": torch.from_numpy(table).float()
        for name, table in NoiseSchedule(refiner.timesteps).tables().items()
    }
    limits = {"decoder.spec_min": _MEL_FLOOR, "decoder.spec_max": _MEL_CEILING}
    model = {key: tensor for key, tensor in own.items() if not key.startswith("decoder.")}
    model |= tables | {key: torch.full((1, 1, 1), value) for key, value in limits.items()}
    model |= {key: tensor for key, tensor in own.items() if key.startswith("decoder.")}
    parents(path, yaml_path)
    save({"global_step": _step(path), "model": model}, path)
    text = yaml.safe_dump(dict(documents.diffusion(refiner, vocoder_path)), sort_keys=False)
    yaml_path.write_text(text, encoding="utf-8")


def _of(refiner: Refiner) -> Mapping[str, torch.Tensor]:
    named = refiner.network.state_dict().items()
    return {
        key.removeprefix("conditioning.").replace("denoiser.", "decoder.denoise_fn.", 1): tensor
        for key, tensor in named
    }


def write_vocoder(folder: Path, vocoder: Vocoder) -> None:
    """An NSF-HiFiGAN as openvpi gives it: `model`, config.json, and what is known of its licence."""
    own = vocoder.network.state_dict()
    parents(folder / "model")
    save({"generator": unfold(own, layout.ordered_vocoder(own), layout.VOCODER_NORMED)}, folder / "model")
    _write_json(folder / "config.json", documents.vocoder(vocoder.network.config))
    (folder / "NOTICE.txt").write_text(vocoder.licence + "\n", encoding="utf-8")


def write_centres(path: Path, bank: Bank) -> None:
    """A kmeans_10000.pt: centres by singer, as scikit-learn's fields."""
    tables = {
        singer: {
            "n_features_in_": bank.width,
            "_n_threads": 2,
            "cluster_centers_": table.cpu().float().numpy(),
        }
        for singer, table in bank.tables.items()
    }
    parents(path)
    save(tables, path)


def write_neighbours(path: Path, bank: Bank, singers: Mapping[str, int]) -> None:
    """A feature_and_index.pkl: a pickle of one faiss index for each singer's row.

    Raises:
        MissingPartError: faiss is not installed.
    """
    faiss = load_faiss()
    made = {}
    for singer, table in bank.tables.items():
        rows = table.cpu().float().contiguous().numpy()
        cells = max(1, min(int(16 * len(rows) ** 0.5), len(rows) // _CELL_ROWS))
        index = faiss.index_factory(bank.width, f"IVF{cells},Flat")
        index.train(rows)
        index.nprobe = 1
        index.add(rows)
        made[singers[singer]] = index
    parents(path)
    path.write_bytes(pickle.dumps(made))


def _step(path: Path) -> int:
    found = re.search(r"\d+", path.stem)
    return int(found[0]) if found else 0


def save(whole: Mapping[str, Any], path: Path) -> None:
    """As `torch.save`, which hides a full disk behind an error of its own; so it writes to memory."""
    buffer = io.BytesIO()
    torch.save(whole, buffer)
    path.write_bytes(buffer.getbuffer())


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def parents(*paths: Path) -> None:
    """Make the folders that files lie in."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
