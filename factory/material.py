"""The bank in memory, and random crops of it as training batches."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from factory.bank import POSITIONS_PER_FRAME, UNSURE, VOICES
from factory.singers import Table
from svcfx.chain import mel
from svcfx.chain.parametric import bands, level, nets
from svcfx.training.tuning.disturb import disturb

Random = np.random.Generator
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """B crops of T frames: what the nets are given, and what they must give."""

    log_mel: torch.Tensor
    controls: torch.Tensor
    identity: torch.Tensor
    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    loudness: torch.Tensor
    phone: torch.Tensor
    weight: torch.Tensor
    voiced: torch.Tensor


@dataclass(frozen=True)
class Drawn:
    """A batch, what Whisper hears in the undisturbed original (B, S, 384), where a phone is known (B, T)."""

    batch: Batch
    features: torch.Tensor
    sure: torch.Tensor
    singer: torch.Tensor


@dataclass
class Material:
    """Files of the bank, each a dictionary of arrays, with their takes' places."""

    table: Table
    texts: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    takes: list[tuple[int, int, int, int]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, paths: list[Path]) -> int:
        """Read files that are not here yet; returns how many texts there are."""
        for path in paths:
            if path.name in self.names or not (path.parent / "teacher" / path.name).exists():
                continue
            with np.load(path) as file:
                text = {key: file[key] for key in file}
            with np.load(path.parent / "teacher" / path.name) as file:
                text |= {f"features_{voice}": file[voice] for voice in VOICES}
            ends = np.cumsum(text["lengths"])
            count = len(ends) // len(VOICES)
            self.takes += [
                (len(self.texts), int(end - length), int(length), place // count)
                for place, (end, length) in enumerate(zip(ends, text["lengths"], strict=True))
            ]
            text["mixed"] = self.table.rows(json.loads(str(text["other"])))
            self.texts.append(text)
            self.names.add(path.name)
        return len(self.texts)

    @property
    def reference(self) -> level.Frames:
        """Mean colour (80,) of all takes."""
        whole = np.concatenate([text["mean_mel"] for text in self.texts])
        return np.asarray(whole.mean(0), np.float32)

    def draw(
        self, targets: Ints, frames: int, random: Random, reference: level.Frames, *, augment: bool = True
    ) -> Drawn:
        """Random crops of `frames` frames whose targets are voices 0 to 2 of each text, one per entry."""
        lengths = np.array([take[2] for take in self.takes], np.float64)
        chosen = random.choice(len(self.takes), len(targets), p=lengths / lengths.sum())
        rows = [
            self._crop(self.takes[i], int(who), frames, random)
            for i, who in zip(chosen, targets, strict=True)
        ]
        stacked = {key: torch.from_numpy(np.stack([row[key] for row in rows])) for key in rows[0]}
        heard, measured = stacked["log_mel"].float(), stacked["loudness_db"].float() * level.NEPER
        mean, f0 = stacked["mean_mel"].float(), stacked["f0_hz"].float()
        gain = torch.zeros(heard.shape[:2])
        if augment:
            heard, measured, mean, f0, gain = disturb(heard, measured, mean, f0, random)
        envelope = stacked["envelope"].float()
        loudness = 0.5 * torch.logsumexp(2.0 * (envelope + torch.from_numpy(level.band_weight())), -1)
        batch = Batch(
            log_mel=seen(heard, measured, mean, reference),
            controls=nets.controls(level.loudness(heard) - measured[:, None], f0),
            identity=torch.from_numpy(targets),
            envelope=envelope - loudness[..., None],
            aperiodicity=stacked["aperiodicity"].float().clamp(1e-3, 1.0),
            loudness=loudness + gain,
            phone=stacked["phone"].long().where(stacked["phone"] != UNSURE, torch.tensor(0)),
            weight=stacked["weight"].float(),
            voiced=f0 > 0,
        )
        return Drawn(
            batch, stacked["features"].float(), stacked["phone"] != UNSURE, stacked["singer"].float()
        )

    def _crop(
        self, take: tuple[int, int, int, int], who: int, frames: int, random: Random
    ) -> dict[str, NDArray[Any]]:
        number, first, length, voice = take
        text = self.texts[number]
        start = int(random.integers(0, max(length - frames + 1, 1))) // 2 * 2
        offset = start + np.arange(frames)
        inside = offset < length
        flat = first + np.minimum(offset, length - 1)
        place = text["position"][flat].astype(np.float64) / POSITIONS_PER_FRAME
        own = text[f"envelope_{VOICES[who]}"]
        left = np.minimum(place.astype(np.int64), len(own) - 2)
        part = np.clip(place - left, 0.0, 1.0)[:, None].astype(np.float32)

        def read(rows: NDArray[Any]) -> NDArray[Any]:
            low, high = rows[left].astype(np.float32), rows[left + 1].astype(np.float32)
            return np.asarray(low * (1 - part) + high * part)

        features = text[f"features_{VOICES[voice]}"]
        return {
            "log_mel": np.where(inside[:, None], text["log_mel"][flat], np.float16(mel.FLOOR)),
            "f0_hz": np.where(inside, text["f0_hz"][flat], 0.0).astype(np.float32),
            "phone": np.where(inside, text["phone"][flat], 0),
            "weight": inside.astype(np.float32),
            "envelope": read(own),
            "aperiodicity": read(text[f"aperiodicity_{VOICES[who]}"]),
            "features": features[np.minimum(np.round(place[::2] / 2).astype(np.int64), len(features) - 1)],
            "loudness_db": text["loudness_db"][self._take_of(number, first)],
            "mean_mel": text["mean_mel"][self._take_of(number, first)],
            "singer": text["mixed"] if who == 2 else self.table.one(VOICES[who]),
        }

    def _take_of(self, number: int, first: int) -> int:
        return int(np.searchsorted(np.cumsum(self.texts[number]["lengths"]), first, side="right"))


def seen(
    heard: torch.Tensor, measured: torch.Tensor, mean: torch.Tensor, reference: level.Frames
) -> torch.Tensor:
    """What the encoder is given, (B, 80, T): `level.normalise` for a batch."""
    smoother = torch.from_numpy(bands.smoothing(level.SMOOTH_BANDS).astype(np.float32))
    colour = (mean - torch.from_numpy(reference)) @ smoother.T
    relative = heard - measured[:, None, None]
    return level.squash(relative - level.FRACTION * colour[:, None, :]).transpose(1, 2)
