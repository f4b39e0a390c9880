"""Small so-vits-svc voices as files that people have: real layouts and keys, few channels, weights by rule.

A voice is a few hundred kB and renders a second of audio in milliseconds. All of them read 256-wide content,
so that one encoder of 16 channels serves them; `write_encoder(folder, hidden=768)` is for 768-wide voices.
"""

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from golden import weights

from svcfx.chain import diffusion, vits, vocoder
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.content import contentvec
from svcfx.chain.diffusion import NoiseSchedule, Sizes

Tensors = dict[str, torch.Tensor]
RATE, HOP, BINS = 44_100, 512, 128
SIZES: dict[str, Any] = {
    "inter_channels": 8, "hidden_channels": 8, "filter_channels": 16, "n_heads": 2, "n_layers": 1,
    "kernel_size": 3, "resblock": "1", "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]],
    "upsample_rates": [8, 8, 8], "upsample_kernel_sizes": [16, 16, 16], "upsample_initial_channel": 32,
    "ssl_dim": 256, "gin_channels": 256, "n_speakers": 3,
}  # fmt: skip
NEWER = {"speech_encoder": "vec256l9", "vocoder_name": "nsf-hifigan"}
VOCODER: dict[str, Any] = {
    "resblock": "1", "upsample_rates": [8, 8, 8], "upsample_kernel_sizes": [16, 16, 16],
    "upsample_initial_channel": 32, "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]],
    "num_mels": BINS, "n_fft": 2048, "hop_size": HOP, "win_size": 2048, "sampling_rate": RATE,
    "fmin": 40, "fmax": 16000,
}  # fmt: skip
HUBERT: dict[str, Any] = {
    "model_type": "hubert", "hidden_size": 16, "num_hidden_layers": 12, "num_attention_heads": 2,
    "intermediate_size": 24, "conv_dim": [8] * 7, "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2], "conv_bias": False, "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2, "classifier_proj_size": 256, "feat_extract_norm": "group",
    "do_stable_layer_norm": False, "layer_norm_eps": 1e-5, "hidden_act": "gelu",
}  # fmt: skip
_NORMED = ("conv_pre.", "ups.", "resblocks.", "flow.flows.", "flow.wn.")
_PLAIN_IN_FLOW = (".pre.", ".post.")


def config(*, newer: bool = False, singers: Sequence[str] = ("mei",), **model: Any) -> dict[str, Any]:
    """A config.json: 4.0, or 4.1 when `newer`; other keys of its model section by name."""
    return {
        "train": {"learning_rate": 1e-4},
        "data": {"sampling_rate": RATE, "hop_length": HOP}
        | ({"unit_interpolate_mode": "nearest"} if newer else {}),
        "model": SIZES | (NEWER if newer else {}) | model,
        "spk": {name: row for row, name in enumerate(singers)},
    }


def generator(document: Mapping[str, Any], *, salt: str = "a:") -> Tensors:
    """Tensors of a generator as training stores them, weight norm and posterior encoder and all."""
    with torch.device("meta"):
        net = vits.Generator(vits_config("config.json", document))
    shapes = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    return _drawn(_stored(shapes) | {"enc_q.pre.weight": (8, 1025, 1)}, salt)


def write_sovits40(
    folder: Path, *, singers: Sequence[str] = ("mei",), step: int = 100, nested: bool = False, **model: Any
) -> Path:
    """A 4.0 (256-d) voice: G_<step>.pth, D_<step>.pth and config.json; returns `folder`.

    Args:
        nested: As training leaves them: logs/44k/G_*.pth and configs/config.json.
        model: Other keys of the config's model section, such as ssl_dim=768 for the fork's 4.0v1.
    """
    return _write_generator(folder, config(singers=singers, **model), step, nested)


def write_sovits41(
    folder: Path,
    *,
    singers: Sequence[str] = ("mei",),
    step: int = 100,
    nested: bool = False,
    diffusion: bool = False,
    k_step_max: int = 100,
    **model: Any,
) -> Path:
    """A 4.1 (vec256l9) voice; with `diffusion` also a diffusion model and the vocoder it needs."""
    _write_generator(folder, config(newer=True, singers=singers, **model), step, nested)
    if diffusion:
        write_diffusion(folder / "logs/44k/diffusion" if nested else folder / "diffusion",
                        singers=singers, k_step_max=k_step_max)  # fmt: skip
        write_vocoder(folder / "pretrain/nsf_hifigan")
    return folder


def write_diffusion(
    folder: Path, *, singers: Sequence[str] = ("mei",), k_step_max: int = 100, step: int = 5000, **data: Any
) -> Path:
    """model_<step>.pt and config.yaml of a diffusion model; k_step_max 0 can start from pure noise."""
    folder.mkdir(parents=True, exist_ok=True)
    speakers = len(singers)
    document = {
        "data": {"sampling_rate": RATE, "block_size": HOP, "encoder": "vec256l9",
                 "encoder_sample_rate": 16000, "encoder_hop_size": 320, "encoder_out_channels": 256,
                 "unit_interpolate_mode": "nearest"} | data,
        "model": {"type": "Diffusion", "n_layers": 2, "n_chans": 16, "n_hidden": 16, "use_pitch_aug": True,
                  "timesteps": 1000, "k_step_max": k_step_max, "n_spk": speakers},
        "vocoder": {"type": "nsf-hifigan", "ckpt": "pretrain/nsf_hifigan/model"},
        "infer": {"speedup": 10, "method": "dpm-solver++"},
        "spk": {name: row for row, name in enumerate(singers)},
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(document))
    sizes = Sizes(units=256, layers=2, channels=16, hidden=16, bins=BINS, speakers=speakers)
    torch.save({"global_step": step, "model": unit2mel(sizes)}, folder / f"model_{step}.pt")
    return folder


def unit2mel(sizes: Sizes) -> Tensors:
    """Tensors of a diffusion model by upstream's keys, stored tables and all."""
    with torch.device("meta"):
        net = diffusion.Unit2Mel(sizes)
    shapes = {
        key.removeprefix("conditioning.").replace("denoiser.", "decoder.denoise_fn."): tuple(value.shape)
        for key, value in net.state_dict().items()
    }
    tables = NoiseSchedule(sizes.timesteps).tables().items()
    stored = {f"decoder.{name}": torch.from_numpy(table).float() for name, table in tables}
    limits = {
        "decoder.spec_min": torch.full((1, 1, 1), -12.0),
        "decoder.spec_max": torch.full((1, 1, 1), 2.0),
    }
    return _drawn(shapes, "d:") | stored | limits


def write_vocoder(folder: Path, **changed: Any) -> Path:
    """An NSF-HiFiGAN folder as openvpi gives it: `model` and config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    document = VOCODER | changed
    with torch.device("meta"):
        net = vocoder.NsfHifiGan(vocoder.VocoderConfig.read(document))
    shapes = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    torch.save({"generator": _drawn(_stored(shapes), "v:")}, folder / "model")
    (folder / "config.json").write_text(json.dumps(document))
    return folder


def write_encoder(folder: Path, *, hidden: int = 16, projected: bool = True) -> Path:
    """A small ContentVec in the Hugging Face layout: config.json and pytorch_model.bin."""
    folder.mkdir(parents=True, exist_ok=True)
    document = HUBERT | {"hidden_size": hidden}
    (folder / "config.json").write_text(json.dumps(document))
    torch.save(hubert(document, projected=projected), folder / "pytorch_model.bin")
    return folder


def hubert(document: Mapping[str, Any], *, projected: bool = True) -> Tensors:
    """Tensors of a ContentVec under Hugging Face's names."""
    net = contentvec.ContentVec(document, document["num_hidden_layers"], 256 if projected else None)
    shapes = {}
    for key, value in net.state_dict().items():
        name = key.removeprefix("net.").replace("encoder.feature_projection", "feature_projection")
        shapes[name.replace("encoder.transformer.", "encoder.")] = tuple(value.shape)
    whole = shapes.pop("encoder.pos_conv_embed.conv.weight")
    shapes["encoder.pos_conv_embed.conv.weight_g"] = (1, 1, whole[2])
    shapes["encoder.pos_conv_embed.conv.weight_v"] = whole
    shapes["masked_spec_embed"] = (document["hidden_size"],)
    return {
        key: torch.from_numpy(weights.fork(key, shape, 7).astype(np.float32)) for key, shape in shapes.items()
    }


def write_centres(
    path: Path, singers: Sequence[str] = ("mei",), *, width: int = 256, count: int = 12
) -> Path:
    """A k-means file, kmeans_10000.pt: `count` centres for each singer."""
    rows = np.random.default_rng(3).standard_normal((count, width)).astype(np.float32)
    fields = {"n_features_in_": width, "_n_threads": 2, "cluster_centers_": rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict.fromkeys(singers, fields), path)
    return path


def write_neighbours(
    path: Path, singers: Sequence[str] = ("mei",), *, width: int = 256, count: int = 40
) -> Path:
    """A retrieval file, feature_and_index.pkl: a pickle of one faiss index for each singer's row."""
    import faiss

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.random.default_rng(4).standard_normal((count, width)).astype(np.float32)
    tables = {}
    for row, _name in enumerate(singers):
        index = faiss.index_factory(width, "IVF1,Flat")
        index.train(rows)
        index.add(rows)
        tables[row] = index
    path.write_bytes(pickle.dumps(tables))
    return path


def _write_generator(folder: Path, document: Mapping[str, Any], step: int, nested: bool) -> Path:
    at = folder / "logs/44k" if nested else folder
    configs = folder / "configs" if nested else folder
    for place in (at, configs):
        place.mkdir(parents=True, exist_ok=True)
    whole = {"model": generator(document), "iteration": 7, "optimizer": {}, "learning_rate": 1e-4}
    torch.save(whole, at / f"G_{step}.pth")
    torch.save({"model": {"discriminators.0.convs.0.bias": torch.zeros(1)}}, at / f"D_{step}.pth")
    (configs / "config.json").write_text(json.dumps(document))
    return folder


def _stored(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Shapes with the weight norm that upstream leaves on: a length and a direction for one weight."""
    stored: dict[str, tuple[int, ...]] = {}
    for key, shape in shapes.items():
        stem, _, last = key.rpartition(".")
        if last == "weight" and _is_normed(key):
            stored[f"{stem}.weight_g"] = (shape[0],) + (1,) * (len(shape) - 1)
            stored[f"{stem}.weight_v"] = shape
        else:
            stored[key] = shape
    return stored


def _is_normed(key: str) -> bool:
    own = key.removeprefix("dec.")
    return own.startswith(_NORMED) and not any(part in own for part in _PLAIN_IN_FLOW)


def _drawn(shapes: Mapping[str, tuple[int, ...]], salt: str) -> Tensors:
    return {
        key: torch.from_numpy(weights.sv41(key, shape, salt).astype(np.float32))
        for key, shape in shapes.items()
    }
