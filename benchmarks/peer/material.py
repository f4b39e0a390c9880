"""What both are given: a song, a checkpoint of full size, a content encoder, all made by rule."""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from golden.cases import Case  # noqa: E402 - of the tests

RATE = 44100
VECTORS = ROOT / "tests/golden/vectors"
HUB = "lengyue233/content-vec-best"
SECONDS = 60.0
PHRASES = ((5.2, 1.1), (7.4, 0.9), (3.1, 1.6), (8.0, 1.2), (4.4, 0.8), (6.3, 2.0))
"""Seconds sung and silent, over and over."""


def make(folder: Path) -> None:
    """Write all of it, once."""
    if (folder / "G_0.pth").exists():
        return
    (folder / HUB).mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / "song.wav", song(SECONDS), RATE, "FLOAT")
    heard = Case.read(VECTORS / "fork_content_a")
    (folder / HUB / "config.json").write_text(json.dumps(heard.config() | {"model_type": "hubert"}))
    save_file(tensors(heard), folder / HUB / "model.safetensors", {"format": "pt"})
    voice = Case.read(VECTORS / "fork_v1_a")
    (folder / "config.json").write_text(json.dumps(voice.config() | {"spk": {"mei": 0}}))
    stored = {"model": tensors(voice), "iteration": 1, "optimizer": {}, "learning_rate": 1e-4}
    torch.save(stored, folder / "G_0.pth")


def tensors(case: Case) -> dict[str, torch.Tensor]:
    """The weights of a parity case."""
    return {key: torch.from_numpy(value) for key, value in case.weights().items()}


def song(seconds: float) -> NDArray[np.float32]:
    """Sung phrases (n,): partials under two moving formants, notes with vibrato, digital silence between."""
    random, parts, made = np.random.default_rng(4), [], 0.0
    while made < seconds:
        for sung, rest in PHRASES:
            parts += [phrase(sung, random), np.zeros(int(rest * RATE))]
            made += sung + rest
    return np.concatenate(parts)[: int(seconds * RATE)].astype(np.float32)


def phrase(seconds: float, random: np.random.Generator) -> NDArray[np.float64]:
    """One phrase of half-second notes between 150 and 400 Hz."""
    time = np.arange(int(seconds * RATE)) / RATE
    notes = 150.0 * 2.0 ** (random.integers(0, 17, int(seconds / 0.5) + 2) / 12.0)
    f0 = np.interp(time, np.arange(len(notes)) * 0.5, notes) * 2.0 ** (np.sin(35.0 * time) / 48.0)
    phase = 2.0 * np.pi * np.cumsum(f0) / RATE
    low, high = 600.0 + 200.0 * np.sin(3.0 * time), 1700.0 + 500.0 * np.sin(2.3 * time)
    sound = np.zeros(len(time))
    for number in range(1, 40):
        hz = number * f0
        peaks = np.exp(-(((hz - low) / 250.0) ** 2)) + 0.5 * np.exp(-(((hz - high) / 400.0) ** 2)) + 0.02
        sound += np.where(hz < RATE / 2, peaks / number**0.5, 0.0) * np.sin(number * phase)
    edge = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    return 0.15 * edge * (sound / np.abs(sound).max() + 0.003 * random.standard_normal(len(time)))
