"""What to say about a stem before it is sung: several voices at once, a melody outside the singer's range."""

import numpy as np

from svcfx.dsp import polyphony
from svcfx.events import Note, Unheard
from svcfx.lanes import Values
from svcfx.render import keys
from svcfx.render.job import Job
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents, singers

OUTSIDE_SHARE = 0.1
"""A melody is outside a range when more than this share of its voiced frames is."""


def about_voices(job: Job, voices: tuple[str, ...], steps: Steps) -> list[Note]:
    """Notes on a stem that goes to the voices of its board."""
    notes = []
    share = _polyphonic_share(job, steps)
    if share > polyphony.POLYPHONIC_FROM:
        notes.append(
            Note(
                "polyphonic",
                f"{job.label} holds several notes at once (in {share:.0%} of it), a voice sings one; "
                "give each part its own stem, or take the voice out of its preset",
            )
        )
        return notes
    for voice in voices:
        notes += _range(job, voice, steps)
    return notes


def _polyphonic_share(job: Job, steps: Steps) -> float:
    def listened() -> Entry:
        return Entry(facts={"share": polyphony.polyphonic_share(job.samples, job.sample_rate)})

    step = Step("polyphony", job.label, keys.key("polyphony", 1, job.source) if job.source else "")
    return float(steps.kept(step, listened, Unheard()).facts["share"])


def _melody(job: Job, voice: str, steps: Steps) -> tuple[Values, Values]:
    """As `singers.melody`, heard once for a stem and a tracker."""
    assert job.board is not None
    board = job.board

    def listened() -> Entry:
        seconds, f0 = singers.melody(board, voice, job.samples, job.sample_rate)
        return Entry({"seconds": seconds, "f0_hz": f0})

    heard_by = contents.node(board, voice).tracked_by()
    step = Step("melody", job.label, keys.key("melody", 1, job.source, heard_by) if job.source else "")
    found = steps.kept(step, listened, Unheard()).arrays
    return found["seconds"], found["f0_hz"]


def _range(job: Job, voice: str, steps: Steps) -> list[Note]:
    from svcfx.node.transposition import best_octave  # here: a session's help loads no torch

    assert job.board is not None
    known = singers.singer_range(job.board, voice)
    if known is None:
        return []
    singer, low, high = known
    seconds, f0 = _melody(job, voice, steps)
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
