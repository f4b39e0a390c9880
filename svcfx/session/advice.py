"""What to say about a stem before it is sung: no voice in it, several at once, a melody outside the singer's
range."""

from collections.abc import Callable
from typing import Any

import numpy as np

from svcfx.dsp import periodicity, polyphony
from svcfx.events import UNHEARD, Events, Note, Unheard, go_on
from svcfx.keeping import Arrays
from svcfx.lanes import Values
from svcfx.render import keys
from svcfx.render.job import Job
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents, singers

OUTSIDE_SHARE = 0.1
"""A melody is outside a range when more than this share of its voiced frames is."""


def about_voices(job: Job, voices: tuple[str, ...], steps: Steps, events: Events = UNHEARD) -> list[Note]:
    """Notes on a stem that goes to the voices of its board; `events` is asked whether to stop."""
    notes = about_input(job, job.label, steps, events)
    return notes or [note for voice in voices for note in _range(job, voice, steps, events)]


def about_input(job: Job, who: str, steps: Steps, events: Events = UNHEARD) -> list[Note]:
    """A note on samples that no single voice sings, `who` being what they are called."""
    pitched, several = _listened(job, steps, events)
    if several > polyphony.POLYPHONIC_FROM:
        said = (
            f"{who} holds several notes at once (in {several:.0%} of it), a voice sings one; "
            "give each part its own stem, or take the voice out of its preset"
        )
        return [Note("polyphonic", said)]
    if pitched < periodicity.UNSUNG_BELOW:
        said = (
            f"nothing is sung in {who}: hardly anything has a pitch ({pitched:.0%} of what is loud), "
            "and a voice makes little of noise and drums"
        )
        return [Note("unsung", said)]
    return []


def _listened(job: Job, steps: Steps, events: Events) -> tuple[float, float]:
    """Shares of a stem that have a pitch, and several at once; listened to once."""

    def listened() -> Entry:
        pitched = periodicity.pitched_share(job.samples, job.sample_rate, events)
        several = polyphony.polyphonic_share(job.samples, job.sample_rate, events)
        return Entry(facts={"pitched": pitched, "several": several})

    step = Step("listening", job.label, keys.key("listening", 1, job.source) if job.source else "")
    found = steps.kept(step, listened, Unheard()).facts
    return float(found["pitched"]), float(found["several"])


def _melody(job: Job, voice: str, steps: Steps, events: Events) -> tuple[Values, Values]:
    """As `singers.melody`, heard once for a stem and a tracker."""
    assert job.board is not None
    board = job.board

    def keep(kind: str, version: int, facts: tuple[Any, ...], make: Callable[[], Arrays]) -> Arrays:
        go_on(events)
        return steps.part(kind, version, facts, make)

    def listened() -> Entry:
        heard = job.samples if job.recorded is None else job.recorded.read()
        seconds, f0 = singers.melody(board, voice, heard, job.sample_rate, keep)
        played = seconds if job.recorded is None else job.recorded.time.played_at(seconds)
        return Entry({"seconds": played, "f0_hz": f0})

    heard_by = contents.voice(board, voice).tracked_by()
    step = Step("melody", job.label, keys.key("melody", 2, job.source, heard_by) if job.source else "")
    found = steps.kept(step, listened, Unheard()).arrays
    return found["seconds"], found["f0_hz"]


def _range(job: Job, voice: str, steps: Steps, events: Events) -> list[Note]:
    from svcfx.node.transposition import best_octave  # here: a session's help loads no torch

    assert job.board is not None
    known = singers.singer_range(job.board, voice)
    if known is None:
        return []
    singer, low, high = known
    seconds, f0 = _melody(job, voice, steps, events)
    own = {where.removeprefix(f"{voice}."): lane for where, lane in job.automation.items()}
    f0 = contents.voice(job.board, voice).noted(f0, own)
    seconds, f0 = seconds[f0 > 0], f0[f0 > 0]
    if f0.size == 0:
        return []
    lane = job.automation.get(f"{voice}.transpose_semitones")
    fixed = contents.value(job.board, f"{voice}.transpose_semitones")
    moved = f0 * 2.0 ** ((lane.at(seconds) if lane is not None else fixed) / 12.0)
    outside = float(np.mean((moved < low) | (moved > high)))
    if outside <= OUTSIDE_SHARE:
        return []
    octaves = best_octave(np.percentile(moved, [10.0, 50.0, 90.0]).tolist(), low, high)
    better = f"; transpose_semitones {12 * octaves:+d} more would suit" if octaves else ""
    said = (
        f"{job.label}: {outside:.0%} of the melody lies outside {singer}'s range, {low:.0f} to {high:.0f} Hz"
    )
    return [Note("out-of-range", said + better)]
