"""The beginning of the ear: Whisper's layers, with leanings measured on speech and settled by a short lesson.

The leanings are what Whisper's places add to its attention, by
distance; then the ear is asked for the features of the whole model, places and all the context it had.
"""

from pathlib import Path

import numpy as np
import torch
from scipy import signal
from torch import nn
from torch.nn import functional

from factory import whisper
from factory.bank import VOICES
from svcfx.chain import mel
from svcfx.chain.parametric import level
from svcfx.chain.parametric.ear import Ear, EarBlock

MEASURED, TAUGHT, STEPS = 6, 55, 40
CROPS, FRAMES = 12, 256
RATE = 4e-4
EDGES = slice(12, -8)
Pair = tuple[torch.Tensor, torch.Tensor]
"""Whisper's log-mel (1, 80, T) and ours, normalised (1, 80, T)."""


def heard(path: Path, voice: str) -> Pair:
    """One voice of a speech file as both hear it."""
    audio = signal.resample_poly(np.load(path)[f"audio_{voice}"].astype(np.float32) / 32768.0, 2, 3)
    theirs = whisper.heard(audio.astype(np.float32))
    ours = mel.log_mel(torch.from_numpy(np.pad(audio.astype(np.float32), mel.WINDOW // 2))[None])[0].T
    found = level.measure(ours)
    ours = level.normalise(ours, found, found.mean_mel).T[None]
    frames = min(theirs.shape[2], ours.shape[2]) // 2 * 2
    return theirs[:, :, :frames], ours[:, :, :frames]


@torch.no_grad()
def lean(ear: Ear, teacher: whisper.Teacher, pairs: list[Pair]) -> None:
    """Set every block's leanings, one block after another."""
    theirs = [teacher.opened(one)[0] for one, _ in pairs]
    ours = [functional.gelu(ear.second(functional.gelu(ear.first(two)))).transpose(1, 2) for _, two in pairs]
    ours = [x + ear.place for x in ours]
    for number, block in enumerate(ear.blocks):
        assert isinstance(block, EarBlock)
        name = f"encoder/layer_{number}/"
        found = torch.zeros_like(block.attention.leaning)
        for x, y in zip(theirs, ours, strict=True):
            missing = (teacher.logits(x, name) - _logits(block, y))[0]
            for place in range(found.shape[1]):
                distance = place - block.attention.before
                found[:, place] += torch.diagonal(missing, distance, dim1=1, dim2=2).mean(-1) / len(pairs)
        block.attention.leaning.copy_(found)
        theirs, ours = [teacher.layer(x, name) for x in theirs], [block(y) for y in ours]


def _logits(block: EarBlock, x: torch.Tensor) -> torch.Tensor:
    y = block.attention_norm(x)
    ask, offer = (
        part.reshape(*part.shape[:-1], block.attention.heads, -1).transpose(1, 2)
        for part in (block.attention.ask(y), block.attention.offer(y))
    )
    scores: torch.Tensor = ask @ offer.transpose(-1, -2) * ask.shape[-1] ** -0.5
    return scores


def teach(ear: Ear, lessons: list[Pair], steps: int, seed: int = 0) -> float:
    """Ask for features (S, width), given log-mels (80, T); returns the last loss, 1 being nothing learned."""
    spread = torch.cat([features for _, features in lessons]).std(0)
    optimiser = torch.optim.AdamW(ear.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.0)
    random, loss = np.random.default_rng(seed), torch.zeros(())
    for step in range(steps):
        crops = [_crop(lessons[int(random.integers(len(lessons)))], random) for _ in range(CROPS)]
        found = ear.features(torch.stack([one for one, _ in crops]))
        wanted = torch.stack([two for _, two in crops])
        loss = (((found - wanted) / spread)[:, EDGES] ** 2).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(ear.parameters(), 1.0)
        optimiser.param_groups[0]["lr"] = RATE * min(1.0, (step + 1) / 30)
        optimiser.step()
    return float(loss.detach())


def _crop(lesson: Pair, random: np.random.Generator) -> Pair:
    frames, features = lesson
    start = int(random.integers(0, max(1, (frames.shape[1] - FRAMES) // 2))) * 2
    one, two = frames[:, start : start + FRAMES], features[start // 2 : (start + FRAMES) // 2]
    return (
        functional.pad(one, (0, FRAMES - one.shape[1])),
        functional.pad(two, (0, 0, 0, FRAMES // 2 - len(two))),
    )


def begin(speech: Path, steps: int = STEPS) -> Ear:
    """Measure and teach an ear on speech files."""
    torch.manual_seed(0)
    tensors = whisper.weights()
    teacher, ear = whisper.Teacher(tensors), whisper.ear(tensors)
    pairs = [heard(path, VOICES[i % 3]) for i, path in enumerate(sorted(speech.glob("[0-9]*.npz"))[:TAUGHT])]
    lean(ear, teacher, pairs[:MEASURED])
    lessons = [(two[0], teacher(one)[-1][0] - teacher.places[: one.shape[2] // 2]) for one, two in pairs]
    teach(ear, lessons, steps)
    return ear
