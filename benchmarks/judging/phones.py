"""The judge of content: a phone classifier of its own architecture, material and seed.

Plain dilated convolutions over stacked log-mel frames, batch normalised; the voice's encoder is another
architecture with other features. Trained once on a CPU, fixed by its seeds and its number of steps, and
kept under `build/`; the benchmark trains it again when it is absent.
"""

import time
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from factory.engines.speech import Phone
from factory.phones import INDEX, PHONES
from judging import phone_material
from judging.phone_material import Example, features, label

FOLDER = Path("build/benchmarks/phones")
WEIGHTS = FOLDER / "judge.pt"
WIDTH = 176
DILATIONS = (1, 2, 4, 1, 2)
STEPS, BATCH, CROP = 1600, 24, 100
"""Steps of 24 crops of 100 labels (2 s): 21 hours heard of 1.8 hours of material."""
LEARNING_RATE = 2e-3
SEED = 4211


class Judge(nn.Module):
    """Features (B, 2 * T, 64) -> phone scores (B, T, 40)."""

    def __init__(self) -> None:
        super().__init__()
        self.entry = nn.Sequential(
            nn.Conv1d(2 * phone_material.BANDS, WIDTH, 3, padding=1), nn.BatchNorm1d(WIDTH)
        )
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(),
                nn.Conv1d(WIDTH, WIDTH, 5, padding=2 * dilation, dilation=dilation),
                nn.BatchNorm1d(WIDTH),
                nn.Dropout(0.1),
            )
            for dilation in DILATIONS
        )
        self.exit = nn.Conv1d(WIDTH, len(PHONES), 1)

    def forward(self, heard: torch.Tensor) -> torch.Tensor:
        batch, frames, bands = heard.shape
        hidden = self.entry(heard.reshape(batch, frames // 2, 2 * bands).transpose(1, 2))
        for layer in self.layers:
            hidden = hidden + layer(hidden)
        return self.exit(torch.relu(hidden)).transpose(1, 2)


def train() -> None:
    """Train the judge and keep it with its accuracy on voices and texts it has not seen."""
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    seen = phone_material.load(FOLDER, phone_material.TEXTS)
    unseen = phone_material.load(FOLDER, phone_material.UNSEEN_TEXTS)
    judge, start = Judge(), time.monotonic()
    optimiser = torch.optim.AdamW(judge.parameters(), LEARNING_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, STEPS, pct_start=0.1)
    lengths = np.array([len(e.labels) for e in seen], float)
    for step in range(STEPS):
        heard, wanted = _batch(seen, lengths / lengths.sum(), random)
        loss = nn.functional.cross_entropy(judge(heard).transpose(1, 2), wanted, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 199:
            print(
                f"phone judge: step {step + 1} of {STEPS}, loss {loss.item():.3f}, "
                f"{time.monotonic() - start:.0f} s",
                flush=True,
            )
    judge.eval()
    unheard = float(np.mean([_accuracy(judge, e) for e in unseen]))
    torch.save({"judge": judge.state_dict(), "unseen_accuracy": unheard}, WEIGHTS)
    print(f"phone judge: {unheard:.3f} of frames right on unseen espeak voices and texts", flush=True)


def _batch(
    examples: list[Example], chances: NDArray[np.float64], random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random crops (B, 200, 64) with another tone and some bands or times masked, and labels (B, 100)."""
    heard = np.full((BATCH, 2 * CROP, phone_material.BANDS), -3.0, np.float32)
    wanted = np.full((BATCH, CROP), -100)
    for row, number in enumerate(random.choice(len(examples), BATCH, p=chances)):
        example = examples[number]
        first = int(random.integers(0, max(1, len(example.labels) - CROP + 1)))
        labels = example.labels[first : first + CROP]
        wanted[row, : len(labels)] = labels
        heard[row, : 2 * len(labels)] = _masked(
            example.features[2 * first : 2 * (first + len(labels))], random
        )
    return torch.from_numpy(heard), torch.from_numpy(wanted)


def _masked(frames: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    knots = random.normal(0.0, 0.25, 6)
    tone = np.interp(np.linspace(0, 5, phone_material.BANDS), np.arange(6), knots)
    changed = np.maximum(frames + tone, -3.0 + 0.8 * random.random())
    band = int(random.integers(0, phone_material.BANDS - 8))
    changed[:, band : band + int(random.integers(0, 9))] = 0.0
    moment = int(random.integers(0, max(1, len(frames) - 12)))
    changed[moment : moment + int(random.integers(0, 13))] = -1.0
    return np.asarray(changed, np.float32)


def _accuracy(judge: Judge, example: Example) -> float:
    found = judge(torch.from_numpy(example.features)[None])[0].argmax(-1).numpy()
    spoken = example.labels != INDEX["pau"]
    return float(np.mean(found[spoken] == example.labels[spoken]))


@cache
def _judge() -> tuple[Judge, float]:
    if not WEIGHTS.exists():
        with torch.inference_mode(False), torch.enable_grad():  # whoever judges first may be without
            train()
    stored = torch.load(WEIGHTS, weights_only=True)
    judge = Judge()
    judge.load_state_dict(stored["judge"])
    return judge.eval(), float(stored["unseen_accuracy"])


def ready() -> None:
    """Train the judge now if it has not been."""
    _judge()


def unseen_accuracy() -> float:
    """The judge's own share of right frames on espeak voices and texts kept from its training."""
    return _judge()[1]


@torch.no_grad()
def scores(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log probability (T, 40) of each phone every 20 ms of audio at 16 kHz."""
    heard = features(audio)
    batch = torch.from_numpy(heard[: len(heard) // 2 * 2])[None]
    return np.asarray(torch.log_softmax(_judge()[0](batch)[0], -1).numpy())


def accuracy(audio: NDArray[np.float32], phones: tuple[Phone, ...]) -> float:
    """Share of 20 ms steps, pauses apart, whose phone is heard in audio at 16 kHz."""
    heard = scores(audio).argmax(-1)
    labels = label(phones, len(heard))
    spoken = labels != INDEX["pau"]
    return float(np.mean(heard[spoken] == labels[spoken]))
