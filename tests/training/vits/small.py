"""Small generators of every family, discriminators and takes, of seeded numbers."""

from dataclasses import fields

import numpy as np
import torch

from svcfx.chain.vits.config import VitsConfig
from svcfx.training.items import Item
from svcfx.training.vits.batch import TrainingNoise, VitsBatch, cut, draw, joined
from svcfx.training.vits.discriminators import Discriminators
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.spectra import Spectra

FFT, SEGMENT = 2048, 20
SMALL = {
    "content": 16, "speakers": 2, "speaker_width": 8, "inter": 8, "hidden": 8, "filter": 16, "layers": 1,
    "block_kernels": (3,), "block_dilations": ((1, 3),), "initial": 32, "rates": (8, 8, 8),
    "rate_kernels": (16, 16, 16),
}  # fmt: skip
BANDED = {"rates": (8, 4), "rate_kernels": (16, 8)}
CONFIGS = {
    "fork": VitsConfig(**SMALL),
    "quickvc": VitsConfig(**SMALL | BANDED, decoder="ms-istft"),
    "mb": VitsConfig(**SMALL | BANDED, decoder="mb-istft"),
    "istft": VitsConfig(**SMALL | {"rates": (8, 16), "rate_kernels": (16, 32)}, decoder="istft"),
    "sovits41": VitsConfig(**SMALL, volume=True, f0_decoder=False, pitch_bins="wrapped",
                           decoder="nsf-snake-hifigan"),
    "tiny": VitsConfig(**SMALL, volume=True, flow_depthwise=True, flow_shared=True, pitch_bins="wrapped"),
    "transformer": VitsConfig(**SMALL, flow_transformer_layers=2, pitch_bins="wrapped"),
}  # fmt: skip


def generator(family: str, *, dropout: float = 0.0, seed: int = 1) -> TrainedGenerator:
    """A fresh network of a family."""
    torch.manual_seed(seed)
    return TrainedGenerator(CONFIGS[family], segment=SEGMENT, dropout=dropout)


def discriminators(seed: int = 2) -> Discriminators:
    """All six, a hundredth as wide."""
    torch.manual_seed(seed)
    return Discriminators(narrow=128)


def take(frames: int, seed: int, *, content: int = 16, hop: int = 512, singer: str = "mei") -> Item:
    """A made-up take: a gliding tone in noise, its real spectrogram, random units."""
    random = np.random.default_rng(seed)
    f0 = np.linspace(200, 300, frames, dtype=np.float32) * (1 + 0.1 * seed % 1)
    cycles = np.cumsum(np.repeat(f0, hop) / 44100)
    audio = (0.2 * np.sin(2 * np.pi * cycles) + 0.01 * random.standard_normal(frames * hop)).astype("f4")
    voiced = (random.random(frames) < 0.8).astype(np.float32)
    spectrogram = Spectra(fft=FFT, hop=hop).magnitudes(torch.from_numpy(audio)[None])[0].numpy()
    units = random.standard_normal((content, max(1, frames * 50 * hop // 44100)), np.float32)
    volume = np.sqrt(np.square(audio).reshape(frames, hop).mean(1))
    return Item(singer, units, f0, voiced, volume, spectrogram, audio)


def three_takes(config: VitsConfig, lengths=(31, 24, 40)) -> tuple[VitsBatch, TrainingNoise]:
    """A batch of takes of different lengths, and noise for it."""
    rows = [
        cut(take(frames, seed), "repeat", config.hop, np.random.default_rng(seed))
        for seed, frames in enumerate(lengths)
    ]
    batch = joined(rows, [0, 1, 0][: len(rows)], config.hop)
    randoms = [np.random.default_rng((5, index)) for index in range(len(rows))]
    return batch, draw(config, batch.f0_hz.shape[-1], randoms, SEGMENT)


def one(batch: VitsBatch, noise: TrainingNoise, index: int) -> tuple[VitsBatch, TrainingNoise]:
    """One item of a batch by itself, without its padding."""
    frames = max(int(batch.frames[index]), SEGMENT)
    hop = batch.audio.shape[-1] // batch.f0_hz.shape[-1]
    ends = {"audio": frames * hop, "singer": None, "frames": None}
    alone = {}
    for field in fields(VitsBatch):
        row = getattr(batch, field.name)[index : index + 1]
        end = ends.get(field.name, frames)
        alone[field.name] = row if end is None else row[..., :end]
    own = {field.name: getattr(noise, field.name)[index : index + 1] for field in fields(TrainingNoise)}
    own["posterior"] = own["posterior"][..., :frames]
    return VitsBatch(**alone), TrainingNoise(**own)
