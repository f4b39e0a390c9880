"""What any training would take, measured on this machine by a few steps that are thrown away."""

import resource
import time
from dataclasses import dataclass
from typing import Any

import torch

from svcfx.training.loop import TrainingLoop
from svcfx.training.plan import TrainingPlan

_FLOAT_BYTES = 4
_STATE_COPIES = 3
"""Weights and two moments of each network."""
_MEASURED_STEPS = 2


@dataclass(frozen=True, slots=True)
class Estimate:
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

    def seconds_of(self, steps: int, check_every: int) -> float:
        """What so many steps take, with a check after every so many."""
        return _seconds(steps, check_every, self.step_seconds, self.check_seconds)


def measure(loop: TrainingLoop[Any], plan: TrainingPlan, heard: int) -> Estimate:
    """Take a few steps and one check; the loop is of no use afterwards, nothing is written.

    Args:
        heard: Takes or crops a step on each device.
    """
    left = max(0, plan.steps - loop.step)
    pace = _pace(loop)
    began = time.monotonic()
    loop.distance()
    check = time.monotonic() - began
    sizes = [sum(p.numel() for p in network.parameters()) for network in loop.networks.values()]
    state = _FLOAT_BYTES * (_STATE_COPIES * sum(sizes) + sizes[0])  # the first has an average too
    index = loop.index
    entries = index.part("train")
    return Estimate(
        takes=len(entries),
        minutes=sum(entry.frames for entry in entries) * index.hop / index.sample_rate / 60.0,
        singers=len(index.singers),
        parameters=sizes[0],
        steps=left,
        rounds=left * heard * loop.engine.world_size / len(entries),
        step_seconds=pace,
        check_seconds=check,
        seconds=_seconds(left, plan.check_every, pace, check),
        memory=_memory(loop.engine.device),
        state=state,
        disk=state * (plan.keep + 1) + _FLOAT_BYTES * sum(sizes[: loop.kept]),
    )


def _seconds(steps: int, check_every: int, pace: float, check: float) -> float:
    return steps * pace + steps // check_every * check


def _pace(loop: TrainingLoop[Any]) -> float:
    """Seconds a step, the first one (which makes kernels) not counted."""
    times = []
    for step in range(loop.step, loop.step + 1 + _MEASURED_STEPS):
        given = loop.given(step)  # made while another step runs, so it takes no time of its own
        began = time.monotonic()
        for term in loop.advance(step, given).values():
            float(term.detach())  # waits for an accelerator
        times.append(time.monotonic() - began)
    return sum(times[1:]) / _MEASURED_STEPS


def _memory(device: torch.device) -> int:
    """Most that was held at one time, on the accelerator where there is one."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
