"""Bring a converted stem back to the loudness it had, so that another voice does not upset the mix.

Loudness is compared with the stem's own after the gains that were asked for: `Gain` nodes of the preset and
the voice's `output_gain_db` and `dynamics`. What a compressor, a filter or a reverb took or gave is made up.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.dsp import loudness
from svcfx.dsp.gated import GatedLoudness
from svcfx.events import Note, Unheard
from svcfx.lanes import Curve, Lane
from svcfx.render import engine, keys
from svcfx.render.job import Job
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents

VERSION = 1
MOST_DB = 24.0
SAID_FROM_DB = 1.0
_BLOCK = 1 << 20
_GAINS = ("output_gain_db", "dynamics")


def matched(job: Job, rendered: Samples, steps: Steps) -> tuple[Samples, list[Note]]:
    """`rendered` at the loudness of its source, asked gains apart.

    Silence and audio under 0.4 s have no loudness and stay as they are.
    """
    want = _wanted(job, steps)
    have = loudness.integrated_lufs(rendered, job.sample_rate)
    if not (math.isfinite(want) and math.isfinite(have)):
        return rendered, []
    gain_db = min(max(want - have, -MOST_DB), MOST_DB)
    louder = scratch.times(rendered, np.float32(10.0 ** (gain_db / 20.0)))
    if abs(gain_db) < SAID_FROM_DB:
        return louder, []
    short = "" if gain_db == want - have else f", of {want - have:+.1f} dB needed"
    said = f"{job.label} is brought back to its loudness by {gain_db:+.1f} dB{short}"
    return louder, [Note("loudness-matched", said)]


def _wanted(job: Job, steps: Steps) -> float:
    """Loudness in LUFS of the job's samples through nothing but the gains that were asked for."""
    gains, asked = _gains(job), _asked(job)
    key = engine.key(gains, Steps(), *job.shape) if job.source else ""
    seconds = job.shape[1] / job.sample_rate
    curves = [keys.within(curve, seconds) for curve in asked]

    def measured() -> Entry:
        return Entry(facts={"lufs": _loudness(gains, asked)})

    step = Step("loudness", job.label, keys.key("loudness", VERSION, key, curves) if key else "")
    return float(steps.kept(step, measured, Unheard()).facts["lufs"])


def _gains(job: Job) -> Job:
    """The job with nothing on its board but the gains."""
    board = copy.deepcopy(job.board)
    assert board is not None
    contents.keep_gains(board)
    return replace(job, board=board, automation=contents.lanes_at_work(board, job.automation))


def _asked(job: Job) -> list[Curve]:
    """The gains of its voices in dB."""
    assert job.board is not None
    voices = contents.voices(job.board, job.automation)
    addresses = [f"{voice}.{gain}" for voice in voices for gain in _GAINS]
    return [
        job.automation.get(address) or Lane.constant(contents.value(job.board, address))
        for address in addresses
    ]


def _loudness(gains: Job, asked: Sequence[Curve]) -> float:
    """Loudness in LUFS of the job's samples through its board and so many dB."""
    heard, rate = engine.run(gains, Unheard()), gains.sample_rate
    if all(curve.is_constant for curve in asked):
        return loudness.integrated_lufs(heard, rate, float(_gain(asked, np.zeros(1))[0]))
    meter = GatedLoudness(rate, len(heard))
    for start in range(0, heard.shape[1], _BLOCK):
        block = heard[:, start : start + _BLOCK]
        gain = _gain(asked, np.arange(start, start + block.shape[1]) / rate)
        meter.push(np.asarray(block * gain, np.float32))
    return meter.lufs


def _gain(asked: Sequence[Curve], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """What curves in dB are together, as a factor."""
    decibels = sum((curve.at(seconds) for curve in asked), start=np.zeros(len(seconds)))
    return np.asarray(10.0 ** (decibels / 20.0), np.float64)
