"""What any training would take, measured on this machine by a few steps that are thrown away."""

import time
from typing import Any

from svcfx.training.course import Course
from svcfx.training.vits.facts import FLOAT_BYTES, MEASURED_STEPS, Facts, memory, state_bytes
from svcfx.training.vits.plan import Plan


def measure(course: Course[Any], plan: Plan, heard: int) -> Facts:
    """Take a few steps and one check; the course is of no use afterwards, nothing is written.

    Args:
        heard: Crops a step on each device.
    """
    left = max(0, plan.steps - course.step)
    pace = _pace(course)
    began = time.monotonic()
    course.distance()
    check = time.monotonic() - began
    sizes = [sum(p.numel() for p in network.parameters()) for network in course.networks.values()]
    state = state_bytes(sizes)
    index = course.index
    entries = index.part("train")
    return Facts(
        takes=len(entries),
        minutes=sum(entry.frames for entry in entries) * index.hop / index.sample_rate / 60.0,
        singers=len(index.singers),
        parameters=sizes[0],
        steps=left,
        rounds=left * heard * course.engine.world_size / len(entries),
        step_seconds=pace,
        check_seconds=check,
        seconds=left * pace + left // plan.check_every * check,
        memory=memory(course.engine.device),
        state=state,
        disk=state * (plan.keep + 1) + FLOAT_BYTES * sizes[0],
    )


def _pace(course: Course[Any]) -> float:
    """Seconds a step, the first one (which makes kernels) not counted."""
    times = []
    for step in range(course.step, course.step + 1 + MEASURED_STEPS):
        given = course.given(step)  # made while another step runs, so it takes no time of its own
        began = time.monotonic()
        for term in course.advance(step, given).values():
            float(term.detach())  # waits for an accelerator
        times.append(time.monotonic() - began)
    return sum(times[1:]) / MEASURED_STEPS
