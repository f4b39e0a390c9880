"""Bring a converted stem back to the loudness it had, so that a new voice does not upset the mix."""

import copy
import math

import numpy as np

from svcfx.audio import Samples
from svcfx.dsp import loudness
from svcfx.lanes import Curve, Lane
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.session import contents
from svcfx.session.notes import Note

MOST_DB = 12.0
SAID_FROM_DB = 1.0
_GAIN = "output_gain_db"


def matched(job: Job, rendered: Samples) -> tuple[Samples, list[Note]]:
    """`rendered` at the loudness of the same job with its voices bypassed.

    Effects around the voice thus count on both sides, and a gain that the voice is asked for stays. Silence
    and audio under 0.4 s have no loudness and stay as they are.
    """
    want = loudness.integrated_lufs(_bypassed(job), job.sample_rate)
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


def _bypassed(job: Job) -> Samples:
    """The job with its voices bypassed, times the gain that they were asked for."""
    assert job.board is not None
    gain: list[Curve] = []
    board = copy.deepcopy(job.board)
    lanes = dict(job.automation)
    for voice in contents.voices(job.board):
        fixed = Lane.constant(contents.value(job.board, f"{voice}.{_GAIN}"))
        gain.append(lanes.get(f"{voice}.{_GAIN}", fixed))
        lanes = {address: lane for address, lane in lanes.items() if not address.startswith(f"{voice}.")}
        contents.set_value(board, f"{voice}.mix", 0.0)
    heard = engine.run(Job(job.label, job.samples, job.sample_rate, board, lanes))
    when = np.arange(heard.shape[1]) / job.sample_rate
    asked = sum(curve.at(when) for curve in gain)
    return np.asarray(heard * 10.0 ** (np.asarray(asked) / 20.0), np.float32)
