"""The bank in memory, and random crops of it as training batches.

An example is a performance (what the encoder hears, disturbed anew each time) and an identity (whose
envelopes at the same moments of the text the decoder must give).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain import mel
from svcfx.chain.parametric import bands, level, nets
from svcfx.training.parametric.bank import POSITIONS_PER_FRAME
from svcfx.training.parametric.disturb import disturb
from svcfx.training.parametric.identities import BASE_VOICES, Identity, morph
from svcfx.training.parametric.phones import INDEX, PAUSE

Random = np.random.Generator
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """All takes, one after another; `takes` rows are (first frame, frames, text), bases by voice."""

    log_mel: NDArray[np.float16]
    f0_hz: NDArray[np.float32]
    phone: NDArray[np.uint8]
    position: NDArray[np.uint16]
    weight: NDArray[np.float16]
    takes: Ints
    loudness_db: NDArray[np.float32]
    mean_mel: NDArray[np.float32]
    names: NDArray[np.str_]
    base_first: Ints
    envelope: tuple[NDArray[np.float16], ...]
    aperiodicity: tuple[NDArray[np.float16], ...]

    @property
    def minutes(self) -> float:
        """How long all takes are together."""
        return len(self.f0_hz) * mel.HOP / mel.RATE / 60.0


def read(paths: Sequence[Path]) -> Material:
    """Load files that `bank.make` wrote."""
    files = [dict(np.load(path)) for path in sorted(paths)]

    def joined(key: str) -> Any:
        return np.concatenate([file[key] for file in files])

    lengths = joined("lengths").astype(np.int64)
    text = np.repeat(np.arange(len(files)), [len(file["lengths"]) for file in files])
    frames = [[len(file[f"envelope_{name}"]) for file in files] for name in BASE_VOICES]
    first = np.array([np.concatenate([[0], np.cumsum(row)]) for row in frames])
    return Material(
        log_mel=joined("log_mel"),
        f0_hz=joined("f0_hz"),
        phone=joined("phone"),
        position=joined("position"),
        weight=joined("weight"),
        takes=np.stack([np.cumsum(lengths) - lengths, lengths, text], 1),
        loudness_db=joined("loudness_db").astype(np.float32),
        mean_mel=joined("mean_mel").astype(np.float32),
        names=joined("names").astype(np.str_),
        base_first=first,
        envelope=tuple(joined(f"envelope_{n}") for n in BASE_VOICES),
        aperiodicity=tuple(joined(f"aperiodicity_{n}") for n in BASE_VOICES),
    )


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


class Targets:
    """Every identity's linear maps, and their loudness brought to one scale on the material."""

    def __init__(self, identities: Sequence[Identity], material: Material) -> None:
        maps = [morph(identity) for identity in identities]
        self.matrices = torch.from_numpy(np.array([m.matrices for m in maps], np.float32))
        self.bias = torch.from_numpy(np.array([m.bias for m in maps], np.float32))
        self.weights = torch.from_numpy(np.array([m.weights for m in maps], np.float32))
        self.breath = torch.tensor([m.breath_exponent for m in maps])
        self.offset = torch.zeros(len(maps))
        self.offset = self._offsets(material)

    def read(
        self, material: Material, frames: Ints, texts: Ints, identity: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Envelope at loudness 0 (B, T, 80), aperiodicity (B, T, 6), loudness (B, T) of frames (B, T)."""
        base, breath = _bases(material, frames, texts)
        count, voices, length, _ = base.shape
        maps = self.matrices[identity].reshape(count * voices, bands.BANDS, bands.BANDS)
        moved = torch.bmm(base.reshape(count * voices, length, -1), maps.transpose(1, 2))
        envelope = moved.reshape(count, voices, length, -1).sum(1) + self.bias[identity][:, None]
        weight = torch.from_numpy(level.band_weight())
        loudness = 0.5 * torch.logsumexp(2.0 * (envelope + weight), -1)
        mean = (breath * self.weights[identity][:, :, None, None]).sum(1)
        aperiodicity = mean.clamp(1e-3, 1.0) ** self.breath[identity][:, None, None]
        relative = loudness - self.offset[identity][:, None]
        return envelope - loudness[..., None], aperiodicity, relative

    def _offsets(self, material: Material) -> torch.Tensor:
        """95th percentile of each identity's loudness, mean over up to 40 takes spread over the material."""
        chosen = material.takes[:: max(1, len(material.takes) // 40)][:40]
        offsets = []
        for identity in range(len(self.bias)):
            found = []
            for first, length, text in chosen:
                frames = np.arange(first, first + length)[None]
                who = torch.tensor([identity])
                found.append(torch.quantile(self.read(material, frames, np.array([text]), who)[2], 0.95))
            offsets.append(torch.stack(found).mean())
        return torch.stack(offsets)


def _bases(material: Material, frames: Ints, texts: Ints) -> tuple[torch.Tensor, torch.Tensor]:
    """Base envelopes (B, 3, T, 80) and aperiodicities (B, 3, T, 6) at flat frames (B, T)."""
    envelopes: list[torch.Tensor] = []
    breaths: list[torch.Tensor] = []
    for voice in range(len(BASE_VOICES)):
        first = material.base_first[voice][texts][:, None]
        last = material.base_first[voice][texts + 1][:, None] - 1
        place = material.position[frames][..., voice].astype(np.float32) / POSITIONS_PER_FRAME
        left = np.minimum(first + place.astype(np.int64), last)
        right = np.minimum(left + 1, last)
        part = torch.from_numpy(place % 1.0)[..., None]
        for store, out in ((material.envelope, envelopes), (material.aperiodicity, breaths)):
            low = torch.from_numpy(store[voice][left]).float()
            high = torch.from_numpy(store[voice][right]).float()
            out.append(torch.lerp(low, high, part))
    return torch.stack(envelopes, 1), torch.stack(breaths, 1)


def draw(
    material: Material,
    targets: Targets,
    identity: Ints,
    frames: int,
    random: Random,
    reference: level.Frames,
    *,
    augment: bool = True,
) -> Batch:
    """Random crops of `frames` frames, one per entry of `identity` (B,)."""
    chance = material.takes[:, 1] / material.takes[:, 1].sum()
    rows = random.choice(len(material.takes), len(identity), p=chance)
    first, length, text = material.takes[rows].T
    start = np.floor(random.random(len(rows)) * np.maximum(length - frames + 1, 1)).astype(np.int64)
    offset = start[:, None] + np.arange(frames)
    inside = offset < length[:, None]
    flat = first[:, None] + np.minimum(offset, length[:, None] - 1)
    who = torch.from_numpy(identity)
    envelope, aperiodicity, loudness = targets.read(material, flat, text, who)
    heard, measured, mean, f0 = _heard(material, rows, flat, inside)
    gain = torch.zeros(heard.shape[:2])
    if augment:
        heard, measured, mean, f0, gain = disturb(heard, measured, mean, f0, random)
    phone = np.where(inside, material.phone[flat], INDEX[PAUSE]).astype(np.int64)
    return Batch(
        log_mel=seen(heard, measured, mean, reference),
        controls=nets.controls(level.loudness(heard) - measured[:, None], f0),
        identity=who,
        envelope=envelope,
        aperiodicity=aperiodicity,
        loudness=loudness + gain,
        phone=torch.from_numpy(phone),
        weight=torch.from_numpy(np.where(inside, material.weight[flat], 0.0).astype(np.float32)),
        voiced=f0 > 0,
    )


def _heard(
    material: Material, rows: Ints, flat: Ints, inside: NDArray[np.bool_]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Log-mel (B, T, 80), its take's loudness (B,) and mean (B, 80), f0 (B, T); silence outside takes."""
    frames = torch.from_numpy(material.log_mel[flat]).float()
    frames = torch.where(torch.from_numpy(inside)[..., None], frames, torch.tensor(mel.FLOOR))
    f0 = torch.from_numpy(np.where(inside, material.f0_hz[flat], 0.0).astype(np.float32))
    measured = torch.from_numpy(material.loudness_db[rows]) * level.NEPER
    return frames, measured, torch.from_numpy(material.mean_mel[rows]), f0


def seen(
    heard: torch.Tensor, measured: torch.Tensor, mean: torch.Tensor, reference: level.Frames
) -> torch.Tensor:
    """What the encoder is given, (B, 80, T): `level.normalise` for a batch."""
    smoother = torch.from_numpy(bands.smoothing(level.SMOOTH_BANDS).astype(np.float32))
    colour = (mean - torch.from_numpy(reference)) @ smoother.T
    relative = heard - measured[:, None, None]
    return level.squash(relative - level.FRACTION * colour[:, None, :]).transpose(1, 2)
