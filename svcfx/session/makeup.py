"""Bring a converted stem back to the loudness it had, so that another voice does not upset the mix.

Loudness is compared with the stem's own after the gains that were asked for: `Gain` nodes of the preset and
the voice's `output_gain_db`. What a compressor, a filter or a reverb took or gave is made up.
"""

import copy
import math

import numpy as np

from svcfx.audio import Samples
from svcfx.dsp import loudness
from svcfx.events import Note, Unheard
from svcfx.lanes import Curve, Lane
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.session import contents

MOST_DB = 24.0
SAID_FROM_DB = 1.0
_GAIN = "output_gain_db"


def matched(job: Job, rendered: Samples) -> tuple[Samples, list[Note]]:
    """`rendered` at the loudness of its source, asked gains apart.

    Silence and audio under 0.4 s have no loudness and stay as they are.
    """
    want = loudness.integrated_lufs(_source(job), job.sample_rate)
    have = loudness.integrated_lufs(rendered, job.sample_rate)
    if not (math.isfinite(want) and math.isfinite(have)):
        return rendered, []
    gain_db = min(max(want - have, -MOST_DB), MOST_DB)
    louder = (rendered * np.float32(10.0 ** (gain_db / 20.0))).astype(np.float32)
    if abs(gain_db) < SAID_FROM_DB:
        return louder, []
    short = "" if gain_db == want - have else f", of {want - have:+.1f} dB needed"
    said = f"{job.label} is brought back to its loudness by {gain_db:+.1f} dB{short}"
    return louder, [Note("loudness-matched", said)]


def _source(job: Job) -> Samples:
    """The job's samples through nothing but the gains that were asked for."""
    assert job.board is not None
    board = copy.deepcopy(job.board)
    contents.keep_gains(board)
    lanes = contents.lanes_at_work(board, job.automation)
    heard = engine.run(Job(job.label, job.samples, job.sample_rate, board, lanes), Unheard())
    when = np.arange(heard.shape[1]) / job.sample_rate
    asked = np.zeros(heard.shape[1])
    for voice in contents.voices(job.board, job.automation):
        address = f"{voice}.{_GAIN}"
        curve: Curve = job.automation.get(address) or Lane.constant(contents.value(job.board, address))
        asked += curve.at(when)
    return np.asarray(heard * 10.0 ** (asked / 20.0), np.float32)
