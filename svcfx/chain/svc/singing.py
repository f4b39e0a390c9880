"""The third stage: takes become sound, each by itself, so that what was sung before need not be again.

On a graphics card those of one length and one depth are sung together; a processor gains nothing by it, and
its kernels round otherwise for other batches.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain import device, loudness
from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import memory
from svcfx.chain.svc.heard import Hearing
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.performer import Synthesiser
from svcfx.chain.svc.take import Take, followed_at
from svcfx.keeping import Arrays, Keeper, afresh

VERSION = 2
"""Of this stage: a change to the code that changes its results counts one up."""
GPU_SECONDS = 240.0
"""Audio that a graphics card sings at once."""


def sing(
    parts: VoiceParts, settings: ChainSettings, takes: Sequence[Take], keep: Keeper = afresh
) -> tuple[Samples, ...]:
    """Audio (n,) of each take: a function of that take alone, but for the rounding of a batch on a card."""
    performer = Synthesiser(parts, settings, Hearing(parts, settings).own_content)
    with device.inference(threads=None):
        if parts.device.type != "cpu":
            return _together(parts, performer, takes)
        keep = keep if parts.hashes else afresh
        facts = (parts.family.name, tuple(sorted(parts.hashes.items())), device.facts("cpu"), settings)
        made = (
            keep("sung", VERSION, (*facts, *_told(take)), partial(_alone, parts, performer, take))
            for take in takes
        )
        return tuple(arrays["audio"] for arrays in made)


def _alone(parts: VoiceParts, performer: Synthesiser, take: Take) -> Arrays:
    if len(take.audio) > memory.LARGE_SECONDS * parts.sample_rate:
        memory.give_back()
    (audio,) = memory.fitting(performer.sing, [take], len(take.audio))
    return {"audio": _leveled(take, audio.numpy(), parts.sample_rate)}


def _together(parts: VoiceParts, performer: Synthesiser, takes: Sequence[Take]) -> tuple[Samples, ...]:
    alike: dict[tuple[int, float], list[int]] = defaultdict(list)
    for index, take in enumerate(takes):
        alike[len(take.audio), take.depth].append(index)
    made: dict[int, Samples] = {}
    for members in alike.values():
        if len(takes[members[0]].audio) > memory.LARGE_SECONDS * parts.sample_rate:
            memory.give_back()
        most = int(GPU_SECONDS * parts.sample_rate)
        audio = memory.fitting(performer.sing, [takes[index] for index in members], most)
        made |= {index: row.numpy() for index, row in zip(members, audio, strict=True)}
    return tuple(_leveled(take, made[i], parts.sample_rate) for i, take in enumerate(takes))


def _told(take: Take) -> tuple[Any, ...]:
    """All of a take that is heard in its sound, in plain values."""
    values = [getattr(take, field.name) for field in fields(take) if field.name != "stop"]
    return tuple(value.numpy() if isinstance(value, torch.Tensor) else value for value in values)


def _leveled(take: Take, made: Samples, sample_rate: int) -> Samples:
    """`made` (n,) of a take, as long as that; else itself where the knob stands at 0 throughout."""
    made = np.pad(made, (0, len(take.audio) - len(made)))  # a voice may sing a frame or two less
    if not np.any(take.follow):
        return made
    keep = 1.0 - np.interp(np.arange(len(made)), followed_at(len(made), sample_rate), take.follow)
    return loudness.follow(take.audio.numpy(), made, sample_rate, keep)
