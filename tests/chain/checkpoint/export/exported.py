"""Small voices with every tensor that training leaves, as they are exported and opened again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from golden import weights
from voices import checkpoints

from svcfx.chain import checkpoint, vits
from svcfx.chain.checkpoint.export import layout
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.vits.generator import Noise, Score

BINS = 33
"""Of the posterior encoder, which no singing uses: an FFT of 64."""
SPECTRAL = {"upsample_rates": [8, 4], "upsample_kernel_sizes": [32, 16], "gen_istft_n_fft": 16,
            "gen_istft_hop_size": 4, "subbands": 4}  # fmt: skip
VOICES: dict[str, dict[str, Any]] = {
    "4.0": {},
    "fork": {"ssl_dim": 768},
    "quickvc": {"ssl_dim": 768, "type_": "ms-istft", **SPECTRAL},
    "mb-istft": {"ssl_dim": 768, "type_": "mb-istft", **SPECTRAL},
    "istft": {"type_": "istft", "upsample_rates": [8, 8, 2], "upsample_kernel_sizes": [16, 16, 4],
              "gen_istft_n_fft": 16, "gen_istft_hop_size": 4},
    "4.1": {"newer": True},
    "4.1 with volume": {"newer": True, "vol_embedding": True, "ssl_dim": 768, "speech_encoder": "vec768l12"},
    "4.1 snake": {"newer": True, "vocoder_name": "nsf-snake-hifigan",
                  "use_automatic_f0_prediction": False},
    "4.1 tiny": {"newer": True, "use_depthwise_conv": True, "flow_share_parameter": True},
    "4.1 transformer": {"newer": True, "use_transformer_flow": True, "n_layers_trans_flow": 2},
}  # fmt: skip


def document(voice: str) -> dict[str, Any]:
    """The config.json of one of `VOICES`."""
    settings = dict(VOICES[voice])
    made = checkpoints.config(newer=settings.pop("newer", False), singers=("mei", "alto"), **settings)
    return {**made, "data": made["data"] | {"filter_length": 2 * (BINS - 1)}}


def write(folder: Path, voice: str, *, posterior: bool = True) -> Path:
    """G_100.pth and config.json with weights by the golden rule."""
    folder.mkdir(parents=True, exist_ok=True)
    config = vits_config("config.json", document(voice))
    shapes = {
        key: shape
        for key, shape in layout.shapes(config, BINS).items()
        if posterior or not key.startswith("enc_q.")
    }
    model = {key: torch.from_numpy(np.asarray(_drawn(key, shape, config), np.float32))
             for key, shape in shapes.items()}  # fmt: skip
    whole = {"model": model, "iteration": 7, "optimizer": {}, "learning_rate": 1e-4}
    torch.save(whole, folder / "G_100.pth")
    (folder / "config.json").write_text(json.dumps(document(voice)))
    return folder


def _drawn(key: str, shape: tuple[int, ...], config: vits.VitsConfig) -> Any:
    if key == "dec.updown_filter":
        return np.eye(shape[0])[:, :, None] * (np.arange(shape[2]) == 0)
    if key.endswith(".filter"):
        from svcfx.chain.vits.snake import lowpass_filter

        return lowpass_filter().numpy()
    if config.flow_shared and key.startswith("flow.flows.") and ".enc." in key:
        key = "flow.wn." + key.split(".enc.")[1]
    return weights.sv41(key, shape, "e:")


def sung(opened: checkpoint.OpenedGenerator, frames: int = 40) -> torch.Tensor:
    """What a generator sings for a fixed score with notes below 1100 Hz, (N,)."""
    score, singer, noise = given(opened.network.config, frames)
    with torch.inference_mode():
        audio: torch.Tensor = opened.network(score, opened.network.singer(singer), noise).audio
    return audio[0]


def given(config: vits.VitsConfig, frames: int = 40) -> tuple[Score, torch.Tensor, Noise]:
    """A score, a singer, and noise."""
    draw = torch.Generator().manual_seed(frames)
    f0_hz = torch.linspace(120.0, 900.0, frames)[None]
    score = Score(
        content=torch.randn(1, config.content, frames, generator=draw),
        f0_hz=f0_hz,
        voiced=(torch.arange(frames) % 7 != 0).float()[None],
        volume=torch.rand(1, frames, generator=draw) if config.volume else None,
    )
    noise = Noise(
        torch.randn(1, config.inter, frames, generator=draw),
        phases=torch.rand(1, 9, generator=draw),
        source=torch.randn(1, 9, frames * config.hop, generator=draw),
    )
    return score, torch.tensor([1]), noise
