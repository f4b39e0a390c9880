"""What a training would take, measured on this machine by a few steps that are thrown away."""

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from svcfx.training.vits.plan import Plan
from svcfx.training.vits.trainer import Trainer

FLOAT_BYTES = 4
_STATE_COPIES = 3
"""Weights and two moments of each network."""
MEASURED_STEPS = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """Times in seconds, sizes in bytes; a state is what one checkpoint takes on the disk."""

    takes: int
    minutes: float
    singers: int
    parameters: int
    steps: int
    rounds: float
    step_seconds: float
    check_seconds: float
    seconds: float
    memory: int
    state: int
    disk: int


def measure(trainer: Trainer, plan: Plan) -> Facts:
    """Take a few steps and one check; the trainer is of no use afterwards, nothing is written."""
    recipe, index = trainer.recipe, trainer.index
    left = max(0, plan.steps - trainer.step)
    pace = _pace(trainer)
    began = time.monotonic()
    trainer.check.distance(trainer.average.network)
    check = time.monotonic() - began
    sizes = [sum(p.numel() for p in network.parameters()) for network in _networks(trainer)]
    state = state_bytes(sizes)
    entries = index.part("train")
    frames = sum(entry.frames for entry in entries)
    heard = left * recipe.batch * recipe.accumulate * trainer.reader.world
    return Facts(
        takes=len(entries),
        minutes=frames * index.hop / index.sample_rate / 60.0,
        singers=len(index.singers),
        parameters=sizes[0],
        steps=left,
        rounds=heard / len(entries),
        step_seconds=pace,
        check_seconds=check,
        seconds=left * pace + left // plan.check_every * check,
        memory=memory(trainer.engine.device),
        state=state,
        disk=state * (plan.keep + 1) + FLOAT_BYTES * sum(sizes),
    )


def _networks(trainer: Trainer) -> Iterator[torch.nn.Module]:
    yield trainer.learner.generator
    yield trainer.learner.critics


def _pace(trainer: Trainer) -> float:
    """Seconds a step, the first one (which makes kernels) not counted."""
    first = trainer.step
    times = []
    for step, parts in trainer.reader.stream(first, first + 1 + MEASURED_STEPS):
        began = time.monotonic()
        terms = trainer.advance(step, parts)
        float(terms["mel"])  # waits for an accelerator
        times.append(time.monotonic() - began)
    return sum(times[1:]) / MEASURED_STEPS


def state_bytes(sizes: Sequence[int]) -> int:
    """A state on the disk, of networks with so many numbers; the first has an average too."""
    return FLOAT_BYTES * (_STATE_COPIES * sum(sizes) + sizes[0])


def memory(device: torch.device) -> int:
    """Most that was held at one time, on the accelerator where there is one."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
